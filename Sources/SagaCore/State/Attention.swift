extension SagaState {
    /// Whether the saga waits for a person: something of it is stuck.
    package var needsPerson: Bool {
        status == .stuck
            || steps.values.contains { $0.phase == .stuck || $0.compensation == .stuck }
    }
}
