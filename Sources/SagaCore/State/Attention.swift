extension SagaState {
    /// Whether the saga waits for a person, or may owe something that a person has to see to:
    /// somebody is asked, something of it is stuck, or a compensation is not answered at once.
    package var needsPerson: Bool {
        status == .stuck || waits.contains { $0.question != nil }
            || steps.values.contains { $0.phase == .stuck || $0.compensation == .stuck }
            || self.open.contains { $0.mayStandOpen }
    }
}
