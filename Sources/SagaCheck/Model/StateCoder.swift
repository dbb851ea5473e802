import SagaCore

/// Writes states of a model so that those have the same key that are one under the reduction.
///
/// Times collapse to an order, identities to what they identify: neither is written.
struct StateCoder {
    let patience: Patience
    /// Whether it is told apart what happened after an operator acted.
    let tellsAided: Bool
    /// Whether it is told apart which events of an end were appended.
    let tellsFinish: Bool

    /// The key of a state.
    func key(of state: ModelState) -> StateKey {
        var writer = StateWriter(state, patience)
        writer.write(tellsAided: tellsAided, tellsFinish: tellsFinish)
        return StateKey(writer.bytes)
    }
}
