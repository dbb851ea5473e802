/// What a problem document is about; the raw value ends its `type`, `urn:sagad:problem:NAME`.
enum ProblemKind: String, CaseIterable, Sendable {
    /// The request line or the headers are no HTTP.
    case malformedRequest = "malformed-request"
    /// The path or the query has an escape that is no text.
    case malformedTarget = "malformed-target"
    /// A header that the route uses has an unusable value.
    case invalidHeader = "invalid-header"
    /// The body is not JSON.
    case notJSON = "not-json"
    /// The body of a rule is not YAML.
    case notYAML = "not-yaml"
    /// This person may not do that.
    case notAllowed = "not-allowed"
    /// Failures may not be provoked here.
    case faultsDisabled = "faults-disabled"
    /// There is no such route.
    case unknownRoute = "unknown-route"
    /// There is no saga of that identity.
    case unknownSaga = "unknown-saga"
    /// There is no document of that key.
    case unknownKey = "unknown-key"
    /// There is no dead letter of that number.
    case unknownDeadLetter = "unknown-dead-letter"
    /// There is no rule of provoked failures of that name.
    case unknownFault = "unknown-fault"
    /// There is no definition of that name.
    case unknownDefinition = "unknown-definition"
    /// The route does not take that method.
    case methodNotAllowed = "method-not-allowed"
    /// A saga of that name has the key already, with another input.
    case keyTaken = "key-taken"
    /// The saga's state does not allow the action.
    case actionRefused = "action-refused"
    /// The action would change nothing.
    case noEffect = "no-effect"
    /// There are as many rules of provoked failures as there may be.
    case tooManyFaults = "too-many-faults"
    /// The body is larger than the limit.
    case bodyTooLarge = "body-too-large"
    /// The body's media type or coding is not the expected one.
    case unsupportedMediaType = "unsupported-media-type"
    /// The body is JSON but not what the route takes.
    case invalidBody = "invalid-body"
    /// A parameter of the query is unknown or has an unusable value.
    case invalidQuery = "invalid-query"
    /// What the definition computes from the body has no value.
    case notComputable = "not-computable"
    /// The idempotency key came before with another body.
    case idempotencyMismatch = "idempotency-mismatch"
    /// The headers are larger than the limits.
    case headersTooLarge = "headers-too-large"
    /// An unexpected fault; the log has it under the document's `instance`.
    case unexpected = "unexpected"
    /// Too much is waiting.
    case overloaded
    /// The store or the broker is away.
    case unavailable

    /// The HTTP status.
    var status: Int {
        switch self {
        case .malformedRequest, .malformedTarget, .invalidHeader, .notJSON, .notYAML: 400
        case .notAllowed, .faultsDisabled: 403
        case .unknownRoute, .unknownSaga, .unknownKey, .unknownDeadLetter, .unknownDefinition,
            .unknownFault:
            404
        case .methodNotAllowed: 405
        case .keyTaken, .actionRefused, .noEffect, .tooManyFaults: 409
        case .bodyTooLarge: 413
        case .unsupportedMediaType: 415
        case .invalidBody, .invalidQuery, .notComputable, .idempotencyMismatch: 422
        case .headersTooLarge: 431
        case .unexpected: 500
        case .overloaded, .unavailable: 503
        }
    }

    /// What it is about in a few words, the same for every occurrence.
    var title: String {
        switch self {
        case .malformedRequest: "The request is not HTTP"
        case .malformedTarget: "The path or query is not text"
        case .invalidHeader: "A header has an unusable value"
        case .notJSON: "The body is not JSON"
        case .notYAML: "The body is not YAML"
        case .notAllowed: "This person may not do that"
        case .faultsDisabled: "Faults are switched off"
        case .unknownFault: "No such rule"
        case .tooManyFaults: "There are too many rules"
        case .unknownRoute: "No such route"
        case .unknownSaga: "No such saga"
        case .unknownKey: "No such key"
        case .unknownDeadLetter: "No such dead letter"
        case .unknownDefinition: "No such definition"
        case .methodNotAllowed: "The route does not take this method"
        case .keyTaken: "The key is taken"
        case .actionRefused: "The saga does not allow this"
        case .noEffect: "Nothing would change"
        case .bodyTooLarge: "The body is too large"
        case .unsupportedMediaType: "The body is not sent as JSON"
        case .invalidBody: "The body is not what is expected"
        case .invalidQuery: "The query is not what is expected"
        case .notComputable: "The definition cannot compute the document"
        case .idempotencyMismatch: "The idempotency key was used for another body"
        case .headersTooLarge: "The headers are too large"
        case .unexpected: "Something went wrong here"
        case .overloaded: "Too much is waiting"
        case .unavailable: "The store or the broker is away"
        }
    }
}
