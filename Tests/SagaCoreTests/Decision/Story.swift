@testable import SagaCore
import Testing

/// Given a saga's inputs so far, when another comes, then these entries and effects: the language in
/// which the core is tested.
struct Story {
    static let sagaID = SagaID(high: 0x0011_2233_4455_4677, low: 0x8899_AABB_CCDD_EEFF)
    static let start = Instant(microseconds: 1_800_000_000_000_000)

    let decider: Decider
    var state: SagaState
    var now: Instant
    var jitter = 0.5
    var resend = ResendPolicy()
    /// The last decision.
    var last: Decision

    /// A saga that has just started.
    init(
        _ definition: SagaDefinition, input: Value = ["amount": 19], parent: ParentLink? = nil,
        cancellation: OperatorAction? = nil, id: SagaID = sagaID
    ) throws {
        decider = Decider(definition)
        now = Self.start
        let decided = decider.start(
            input, id: id, freshKey: "o-1", parent: parent, cancellation: cancellation,
            at: Circumstances(now: now))
        last = try decided.get()
        state = last.state
        checkCoding(#_sourceLocation)
    }

    /// The verdict on an input now; the story itself does not go on.
    func verdict(_ input: Input) -> Verdict {
        decider.decide(
            input, in: state, at: Circumstances(now: now, jitter: jitter, resend: resend))
    }

    /// The story goes on with an input that must be recorded.
    @discardableResult
    mutating func when(
        _ input: Input, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Decision {
        guard case .record(let decision) = verdict(input) else {
            Issue.record(
                "expected a decision, found \(verdict(input))", sourceLocation: sourceLocation)
            throw Unexpected()
        }
        checkFold(decision, sourceLocation)
        last = decision
        state = decision.state
        checkCoding(sourceLocation)
        return decision
    }

    /// The state is what its entries say, whoever folds them.
    private func checkFold(_ decision: Decision, _ sourceLocation: SourceLocation) {
        var folded = decision.entries.reduce(state) { $0.evolved(by: $1) }
        folded.version += 1
        #expect(folded == decision.state, sourceLocation: sourceLocation)
    }

    /// The state survives being stored.
    private func checkCoding(_ sourceLocation: SourceLocation) {
        let read = try? SagaState(
            decoding: state.encoded, identity: state.identity, input: state.input)
        #expect(read == state, sourceLocation: sourceLocation)
    }

    /// Time passes, and the saga is woken.
    @discardableResult
    mutating func after(
        _ duration: Duration, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Decision {
        now = now + duration
        return try when(.due(), sourceLocation: sourceLocation)
    }

    /// A reply to the open command of that step.
    func reply(to path: NodePath, _ answer: Reply.Answer) -> Input {
        reply(to: path, .command, answer)
    }

    /// A reply to the open command of that kind of that step.
    func reply(
        to path: NodePath, _ kind: CommandKind, _ answer: Reply.Answer, attempt: Int? = nil
    ) -> Input {
        guard let open = state.open.first(where: { $0.path == path && $0.kind == kind }) else {
            preconditionFailure("the story has no open \(kind) of \(path)")
        }
        return .reply(
            Reply(commandID: open.id, attempt: attempt ?? open.attempt, answer: answer))
    }

    /// The open command of that step.
    func open(_ path: NodePath, _ kind: CommandKind = .command) -> OpenCommand? {
        state.open.first { $0.path == path && $0.kind == kind }
    }

    /// The identity that the nth identity of the next decision has.
    func nextID(_ ordinal: UInt64) -> UniqueID {
        Self.sagaID.neighbour(UInt64(state.version + 1), ordinal)
    }

    struct Unexpected: Error {}
}

extension Reply.Answer {
    static func outcome(_ name: String) -> Reply.Answer { .outcome(name, .map(Members())) }
    static let retriable = Reply.Answer.error(
        code: "gateway-down", message: "try later", isRetriable: true)
    static let final = Reply.Answer.error(
        code: "no-account", message: "there is no such account", isRetriable: false)
    static let done = Reply.Answer.outcome("done")
}

extension Decision {
    /// The events raised, by their own names.
    var events: [String] {
        effects.compactMap { effect in
            switch effect {
            case .raise(let event): event.event
            case .send, .storeAppended, .order, .tellParent: nil
            }
        }
    }

    /// The commands sent, as `SUBJECT#ATTEMPT`.
    var commands: [String] {
        effects.compactMap { effect in
            switch effect {
            case .send(let sent): "\(sent.command.subject)#\(sent.command.attempt)"
            case .raise, .storeAppended, .order, .tellParent: nil
            }
        }
    }
}

/// The order saga of the language's own page, as the loader would compile it.
enum Sample {
    static let retry = RetryPolicy(
        attempts: 3, initial: .milliseconds(200), factor: 2, max: .seconds(10), jitter: 0.2)

    static func order(
        unknown: UnknownPolicy = .compensate, failed: FailedPolicy = .reject,
        compensation: Compensation? = Self.void, reviewUnknown: UnknownPolicy = .compensate,
        deadline: Duration? = nil
    ) -> SagaDefinition {
        let payment = Step(
            name: "payment", subject: "payments.debit",
            body: .map([.init(name: "order_id", value: .expression(.variable(.key)))]),
            timeout: .seconds(10), retry: retry, unknown: unknown, failed: failed,
            outcomes: [
                Outcome(
                    name: "debited",
                    event: RaisedEvent(
                        event: "paymentdebited",
                        body: .map([
                            .init(
                                name: "payment_id",
                                value: .expression(.field(.variable(.result), "payment_id")))
                        ]))),
                Outcome(
                    name: "declined", event: RaisedEvent(event: "paymentdeclined"), then: .reject),
            ],
            compensation: compensation)
        let review = Step(
            name: "review", subject: "reviews.review", timeout: .seconds(3600), retry: .none,
            unknown: reviewUnknown,
            outcomes: [Outcome(name: "approved"), Outcome(name: "rejected", then: .reject)])
        return SagaDefinition(
            name: "order", version: 1, aggregate: Aggregate(type: "order", stream: "ORDERS"),
            intake: Intake(path: "/api/orders", idMember: "order_id", event: "created"),
            deadline: deadline, nodes: [Node(body: .step(payment)), Node(body: .step(review))],
            finish: Finish(
                completed: RaisedEvent(event: "approved"),
                compensated: RaisedEvent(
                    event: "rejected",
                    body: .map([
                        .init(
                            name: "reason",
                            value: .expression(.field(.variable(.failure), "reason")))
                    ]))))
    }

    static let void = Compensation(
        subject: "payments.void",
        body: .map([.init(name: "order_id", value: .expression(.variable(.key)))]),
        timeout: .seconds(5), retry: RetryPolicy(attempts: 2, initial: .seconds(1), jitter: 0),
        event: RaisedEvent(event: "paymentvoided"))

    static let debited = Reply.Answer.outcome("debited", ["payment_id": "p-1"])
}
