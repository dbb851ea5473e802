import SagaCore

/// What an author's invariants look at: all that must be kept apart besides what the rules read.
struct Observation {
    /// What is seen of the events raised.
    enum Events: Equatable {
        /// Nothing.
        case nothing
        /// Whether events of these names were raised.
        case names(Set<String>)
        /// Their sequence.
        case sequence
    }

    /// What is seen of the events raised.
    private(set) var events = Events.nothing
    /// Whether a saga that is stuck is told from one that runs.
    private(set) var tellsStuck = false
    /// The steps of which anything is read; nil is all.
    private var steps: Set<String>? = []
    /// The steps whose outcomes are read; nil is all.
    private var outcomes: Set<String>? = []
    /// The steps whose compensations are read; nil is all.
    private var compensations: Set<String>? = []

    private static let forward = [SagaStatus.running, .stuck].map(\.rawValue)

    /// Nothing is looked at.
    init() {}

    /// What these invariants look at.
    init(_ invariants: [Invariant]) {
        for invariant in invariants { look(at: invariant.condition) }
    }

    /// Whether anything of the step of that name is read.
    func reads(_ name: String) -> Bool { steps?.contains(name) ?? true }

    /// Whether the outcome of the step of that name is read.
    func readsOutcome(of name: String) -> Bool { outcomes?.contains(name) ?? true }

    /// Whether how far the step of that name is taken back is read.
    func readsCompensation(of name: String) -> Bool { compensations?.contains(name) ?? true }

    /// Whether that is read of any step.
    var readsCompensations: Bool { compensations.map { !$0.isEmpty } ?? true }

    /// Whether it is seen that an event is raised.
    func sees(_ event: RaisedEvent?) -> Bool {
        guard let event else { return false }
        switch events {
        case .nothing: return false
        case .names(let names): return names.contains(event.event)
        case .sequence: return true
        }
    }

    private mutating func look(at expression: Expression) {
        switch expression {
        case .field(.field(.variable(.element("steps")), let name), let member),
            .hasField(.field(.variable(.element("steps")), let name), let member):
            note(member, of: name)
        case .binary(.in, .literal(.string(let name)), .variable(.element("events"))):
            note(event: name)
        case .variable(.element("events")): events = .sequence
        case .binary(.equal, .variable(.element("status")), .literal(.string(let status))),
            .binary(.notEqual, .variable(.element("status")), .literal(.string(let status))):
            if Self.forward.contains(status) { tellsStuck = true }
        case .variable(.element("status")): tellsStuck = true
        case .variable(.element("steps")): (steps, outcomes, compensations) = (nil, nil, nil)
        case .literal, .local, .variable, .hasVariable, .list, .map, .field, .hasField, .index,
            .unary, .binary, .conditional, .call, .comprehension:
            for part in expression.parts { look(at: part) }
        }
    }

    private mutating func note(_ member: String, of name: String) {
        steps?.insert(name)
        switch member {
        case "outcome": outcomes?.insert(name)
        case "compensation": compensations?.insert(name)
        case _: break
        }
    }

    private mutating func note(event name: String) {
        switch events {
        case .nothing: events = .names([name])
        case .names(let names): events = .names(names.union([name]))
        case .sequence: break
        }
    }
}
