package import SagaLanguage

// What a scenario file must keep.
extension DiagnosticCode {
    /// An outcome that the step does not have.
    package static let unknownOutcome = DiagnosticCode(rawValue: "unknown-outcome")
    /// An event that the saga never raises.
    package static let unknownEvent = DiagnosticCode(rawValue: "unknown-event")
    /// A subject on which the saga sends nothing.
    package static let unknownSubject = DiagnosticCode(rawValue: "unknown-subject")
    /// An input that the saga refuses.
    package static let invalidInput = DiagnosticCode(rawValue: "invalid-input")
    /// A step that the saga does not have.
    package static let unknownStep = DiagnosticCode(rawValue: "unknown-step")
}
