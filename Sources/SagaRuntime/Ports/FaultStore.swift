package import SagaCore

/// Where the rules are kept by which failures are provoked, and what they struck: shared by all
/// daemons.
package protocol FaultStore: Sendable {
    /// The rules, by name; those that are over stay for ``StoreLimits/faultsKept``.
    func faults() async throws -> [StoredFault]

    /// Keeps a rule in the place of the one of its name, which then counts anew.
    func put(_ fault: StoredFault) async throws

    /// Forgets a rule; answers whether there was one of that name.
    func removeFault(_ name: String) async throws -> Bool

    /// Counts a strike of a rule and records it for the saga's journal, both or neither; answers
    /// whether it did.
    ///
    /// False says that the rule is gone, was set anew since, is over at the strike's time, or has
    /// struck as often as it may. The strike is recorded behind the version that the saga has now, 0
    /// where it is not stored.
    func record(_ strike: FaultStrike, of fault: FaultGeneration) async throws -> Bool

    /// What struck a saga, oldest first; at most ``StoreLimits/faultStrikes``.
    func faultStrikes(on id: SagaID) async throws -> [FaultStrike]

    /// Has rules strike a saga that is about to start, whatever they say of which sagas they strike.
    func assign(_ faults: [String], to id: SagaID, at: Instant) async throws

    /// The rules that were assigned to those sagas; sagas without any are left out.
    func assignedFaults(of ids: [SagaID]) async throws -> [SagaID: [String]]
}

extension StoreLimits {
    /// The most strikes of one saga that its journal shows.
    package static let faultStrikes = 1000
    /// How long a rule that is over is still listed.
    package static let faultsKept: Duration = .seconds(86_400)
}

/// One setting of a rule: setting it again makes another one.
package struct FaultGeneration: Hashable, Sendable {
    /// The rule's name.
    package var name: String
    /// When it was set.
    package var setAt: Instant

    /// The rule of that name, as it was set then.
    package init(name: String, setAt: Instant) {
        self.name = name
        self.setAt = setAt
    }
}

/// A rule as the database keeps it.
package struct StoredFault: Equatable, Sendable {
    /// The rule's name and when it was set.
    package var generation: FaultGeneration
    /// The rule: JSON text.
    package var rule: String
    /// Who set it.
    package var setBy: String
    /// When it is over.
    package var expiresAt: Instant
    /// How often it may strike; nil is without limit.
    package var times: Int?
    /// How often it has struck.
    package var struck: Int

    /// The rule with these parts.
    package init(
        generation: FaultGeneration, rule: String, setBy: String, expiresAt: Instant,
        times: Int? = nil, struck: Int = 0
    ) {
        self.generation = generation
        self.rule = rule
        self.setBy = setBy
        self.expiresAt = expiresAt
        self.times = times
        self.struck = struck
    }
}

/// Something that a rule did to a saga.
package struct FaultStrike: Equatable, Sendable {
    /// The strike's own identity.
    package var id: UniqueID
    /// The saga.
    package var sagaID: SagaID
    /// The version that the saga had; the store says so.
    package var sagaVersion: Int64
    /// When it struck.
    package var at: Instant
    /// The rule's name.
    package var rule: String
    /// What struck, and what it struck: JSON text, an object.
    package var detail: String

    /// The strike with these parts.
    package init(
        id: UniqueID, sagaID: SagaID, sagaVersion: Int64 = 0, at: Instant, rule: String,
        detail: String
    ) {
        self.id = id
        self.sagaID = sagaID
        self.sagaVersion = sagaVersion
        self.at = at
        self.rule = rule
        self.detail = detail
    }
}
