package import SagaCore

/// The door through which callers reach the sagas: what HTTP, and later gRPC, call.
package protocol Door: Sendable {
    /// The definitions that new sagas use, by name.
    var catalog: Catalog { get }

    /// Starts a saga; answers when it is durable.
    ///
    /// - Throws: ``StartProblem``.
    func start(_ request: StartRequest) async throws -> StartedSaga

    /// Has an operator's input decided; answers when the decision is durable.
    ///
    /// - Throws: ``OperatorProblem``.
    func operate(on id: SagaID, _ input: Input) async throws -> SagaRecord

    /// Waits until a saga has ended, at most until that time; answers the saga as it is then, or nil
    /// for an unknown one.
    func waitForEnd(of id: SagaID, until: Instant) async throws -> SagaRecord?
}

/// A wish to start a saga.
package struct StartRequest: Sendable {
    /// The definition's name; the newest version is taken.
    package var definition: String
    /// The posted body.
    package var body: Value
    /// SHA-256 of the body as it came, for the idempotency key.
    package var digest: [UInt8]
    /// The caller's idempotency key.
    package var idempotencyKey: String?
    /// The new saga's key; nil, or where the definition computes one, is not the caller's choice.
    package var key: String?
    /// The names of the rules of provoked failures that are to strike the saga; they are known.
    package var faults: [String]

    /// The wish with these parts.
    package init(
        definition: String, body: Value, digest: [UInt8], idempotencyKey: String? = nil,
        key: String? = nil, faults: [String] = []
    ) {
        self.definition = definition
        self.body = body
        self.digest = digest
        self.idempotencyKey = idempotencyKey
        self.key = key
        self.faults = faults
    }
}

/// A saga that was started, now or by the same wish before.
package struct StartedSaga: Sendable {
    /// The saga.
    package var identity: SagaIdentity
    /// Its document, with the key and what `set` computed.
    package var document: Value
    /// Whether the same wish had started it before.
    package var isRepeated: Bool

    /// The saga with these parts.
    package init(identity: SagaIdentity, document: Value, isRepeated: Bool) {
        self.identity = identity
        self.document = document
        self.isRepeated = isRepeated
    }
}

/// Why a saga was not started.
package enum StartProblem: Error, Sendable {
    /// There is no definition of that name; the names there are.
    case unknownDefinition(String, known: [String])
    /// The body breaks the schema, or what the file computes from it has no value.
    case refused(Refusal)
    /// A saga of this name has the key already, with another input.
    case keyTaken(key: String, SagaID)
    /// The idempotency key came before with another body.
    case idempotencyMismatch(String)
    /// Too much is waiting; try again after that time.
    case overloaded(retryAfter: Duration)
    /// The store or the broker is away; try again after that time.
    case unavailable(String, retryAfter: Duration)
}

/// Why an operator's input was not carried out.
package enum OperatorProblem: Error, Sendable {
    /// There is no such saga.
    case unknownSaga(SagaID)
    /// The rules refuse it.
    case refused(Refusal)
    /// It changes nothing; why.
    case ignored(String)
    /// Too much is waiting; try again after that time.
    case overloaded(retryAfter: Duration)
    /// The store or the broker is away; try again after that time.
    case unavailable(String, retryAfter: Duration)
}
