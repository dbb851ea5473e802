extension SagaState {
    /// Whether the saga waits for a person: somebody is asked, or something of it is stuck.
    package var needsPerson: Bool {
        status == .stuck || waits.contains { $0.question != nil }
            || steps.values.contains { $0.phase == .stuck || $0.compensation == .stuck }
    }
}
