import SagaCore
import SagaLanguage
import Testing

@testable import SagaCheck

/// Sagas of which participants append what became of their steps.
private enum Appending {
    /// A payment that is answered, then a parcel of which an event tells.
    static let parcel = """
        saga: order
        version: 1
        aggregate: {type: order, stream: ORDERS}
        steps:
          - step: payment
            command: payments.debit
            retry: none
            outcomes: {debited: {event: paid}, declined: {then: reject}}
            compensate: {command: payments.void, retry: none}
          - step: parcel
            await: the parcel leaves
            timeout: 1d
            outcomes: {sent: {event: sent}, lost: {event: lost, then: reject}}
            compensate: {command: parcels.fetch, retry: none}
        finish: {completed: {event: approved}, compensated: {event: rejected}}
        """

    /// The parcel alone; nobody knows its key before it starts.
    static let alone = """
        saga: order
        version: 1
        aggregate: {type: order, stream: ORDERS}
        intake: {path: /api/orders, id: order_id, event: created}
        steps:
          - step: parcel
            await: the parcel leaves
            timeout: 1d
            outcomes: {sent: {event: sent}, lost: {event: lost, then: reject}}
            compensate: none
        finish: {completed: {event: approved}, compensated: {event: rejected}}
        """

    static let optional = """
        saga: order
        version: 1
        aggregate: {type: order, stream: ORDERS}
        steps:
          - step: gift
            when: ${input.gift}
            optional: true
            await: the gift is packed
            timeout: 1d
            outcomes: {packed: {event: packed}, none_left: {event: noneleft, then: reject}}
            compensate: {command: gifts.unpack, retry: none}
          - step: parcel
            await: the parcel leaves
            timeout: 1d
            outcomes: {sent: {event: sent}, timeout: {event: late, then: reject}}
            compensate: none
        """

    /// The parcel alone, which is taken back; its key may be known.
    static let undone = """
        saga: order
        version: 1
        aggregate: {type: order, stream: ORDERS}
        steps:
          - step: parcel
            await: the parcel leaves
            timeout: 1d
            outcomes: {sent: {event: sent}, lost: {event: lost, then: reject}}
            compensate: {command: parcels.fetch, retry: none, event: fetched}
        finish: {completed: {event: sent}, compensated: {event: rejected}}
        """

    static let branches = """
        saga: order
        version: 1
        aggregate: {type: order, stream: ORDERS}
        steps:
          - parallel:
              left:
                - step: parcel
                  await: the parcel leaves
                  timeout: 1d
                  outcomes: {sent: {event: sent}, lost: {event: lost, then: reject}}
                  compensate: {command: parcels.fetch, retry: none}
              right:
                - step: mail
                  command: mails.send
                  retry: none
                  compensate: {command: mails.withdraw, retry: none}
        """

    static let list = """
        saga: order
        version: 1
        aggregate: {type: order, stream: ORDERS}
        steps:
          - each: ${input.parcels}
            as: parcel
            steps:
              - step: parcel
                await: the parcel leaves
                timeout: 1d
                outcomes: {sent: {event: sent}}
                compensate: {command: parcels.fetch, retry: none}
        """

    static let past = """
        saga: order
        version: 1
        aggregate: {type: order, stream: ORDERS}
        steps:
          - step: charge
            command: payments.charge
            retry: none
            unknown: stuck
            outcomes: {charged: {event: charged}, declined: {then: reject}}
            pivot: true
          - parallel:
              left:
                - step: parcel
                  await: the parcel leaves
                  timeout: 1d
                  outcomes: {sent: {event: sent}}
              right:
                - step: mail
                  await: the mail leaves
                  timeout: 1d
                  outcomes: {mailed: {event: mailed}}
        """

    static let sent = AppendedOutcome(
        step: "parcel", outcome: "sent", event: "sent", isInList: false)

    static func check(
        _ text: String, _ holds: String, hostile: Bool = false
    ) throws -> ModelCheck.Result {
        let definition = try Sample.definition(text)
        let invariant = try Invariant.read("it", holds, of: definition).get()
        var options = ModelCheck.Options()
        options.isHostile = hostile
        return ModelCheck.run(definition, invariants: [invariant], options: options)
    }

    /// The timeline of the only thing that does not hold.
    static func counterexample(_ text: String, _ holds: String) throws -> ModelCheck.Counterexample
    {
        let result = try check(text, holds)
        #expect(result.counterexamples.map(\.property) == [.invariant("it")])
        return try #require(result.counterexamples.first)
    }
}

@Suite struct `An outcome's event that is appended` {
    @Test func `before its step is open is found where it must not be`() throws {
        let example = try Appending.counterexample(
            Appending.parcel, "${!('sent' in events) || steps.payment.state == 'completed'}")
        #expect(example.depth == 1)
        #expect(example.timeline.text.contains("← parcel: sent is appended, early"))
        #expect(example.timeline.text.contains("ORDERS.sent was appended and waits for parcel"))
    }

    @Test func `about a step that the saga never came to is taken back`() throws {
        let example = try Appending.counterexample(
            Appending.parcel,
            "${steps.parcel.compensation == null || steps.payment.state == 'completed'}")
        #expect(example.depth == 2)
        let lines = example.timeline.text
        #expect(lines.contains("← parcel: sent is appended, late"))
        #expect(lines.contains("late news of parcel: sent; it is taken back"))
    }

    @Test func `before its step is open is kept, and taken back where the saga turns round`() throws
    {
        let stepper = Stepper(try Sample.definition(Appending.parcel))
        let start = try #require(stepper.starts().first { $0.move == nil }?.state)
        let kept = try #require(
            stepper.transitions(from: start, by: .append(Appending.sent)).first?.state)
        #expect(kept.saga.kept.map(\.outcome) == ["sent"])
        #expect(stepper.coder.key(of: kept) != stepper.coder.key(of: start))
        let cancelled = try #require(stepper.transitions(from: kept, by: .cancel).first?.state)
        #expect(cancelled.saga.open.contains { $0.path == "parcel" && $0.kind == .compensation })
    }

    @Test func `after its step was given up is found where the end has told otherwise`() throws {
        let example = try Appending.counterexample(
            Appending.alone, "${!('sent' in events && 'rejected' in events)}")
        #expect(example.depth == 2)
        #expect(
            example.timeline.text.contains(
                "ORDERS.sent was appended for parcel    <-- it is false here"))
    }

    @Test func `once more with another outcome is found where it must not be taken back`() throws {
        let example = try Appending.counterexample(
            Appending.undone, "${!('lost' in events) || steps.parcel.compensation == null}")
        #expect(example.timeline.text.contains("← parcel: sent is appended, late"))
    }

    @Test func `once more says nothing new where it is the same`() throws {
        let stepper = Stepper(try Sample.definition(Appending.parcel), reduction: .nothing)
        var state = try #require(stepper.starts().first { $0.move == nil }?.state)
        for _ in 0..<2 {
            let after = stepper.transitions(from: state, by: .append(Appending.sent))
            state = try #require(after.first?.state)
        }
        #expect(state.saga.kept.count == 1)
        let again = try #require(
            stepper.transitions(from: state, by: .append(Appending.sent)).first)
        #expect(again.decision?.effects == [])
        #expect(stepper.coder.key(of: again.state) == stepper.coder.key(of: state))
    }

    @Test func `is not early where nobody knows the key before the start`() throws {
        let unknown = Stepper(try Sample.definition(Appending.alone)).starts()
        #expect(unknown.map(\.move) == [nil])
        let known = Stepper(try Sample.definition(Appending.branches)).starts()
        #expect(
            known.compactMap {
                if case .start(let early)? = $0.move { early.map(\.event) } else { nil }
            }
                == [["lost"], ["sent"]])
    }

    @Test func `before the start turns the saga round before anything is sent beside it`() throws {
        let starts = Stepper(try Sample.definition(Appending.branches)).starts()
        let turned = try #require(starts.first { $0.state.saga.status == .compensated })
        #expect(turned.state.saga.steps["mail"] == nil)
        let words = turned.move?.words(in: turned.state.saga)
        #expect(words == "start; there before it: lost")
    }

    @Test(arguments: [Appending.alone, Appending.undone, Appending.optional, Appending.past])
    func `keeps every rule of the checker`(text: String) throws {
        let result = try Appending.check(text, "${true}")
        #expect(result.counterexamples.map(\.property) == [])
        #expect(result.appendsEvents)
        let report = result.report(options: ModelCheck.Options(), took: .zero)
        #expect(report.contains("events appended before their step is open, meanwhile, later"))
    }

    /// The loader warns that such an event does not say which element it is about.
    @Test func `keeps every rule of the checker in a list`() throws {
        let loaded = DefinitionLoader.load(canonical: Appending.list, file: "list.yaml")
        let result = ModelCheck.run(try #require(loaded.definition))
        #expect(result.counterexamples.map(\.property) == [])
        #expect(!result.hasHitLimit)
    }
}

@Suite struct `Appended events in a reduced exploration` {
    private func claims(_ definition: SagaDefinition) throws -> [Invariant] {
        let texts = [
            "${!('sent' in events) || status != 'compensated'}",
            "${!('sent' in events && 'lost' in events)}",
            "${steps.parcel.compensation == null}", "${status != 'compensated'}",
        ]
        return try texts.map { try Invariant.read($0, $0, of: definition).get() }
    }

    @Test(arguments: [Appending.alone, Appending.undone, Appending.past])
    func `have the verdicts and ends of a whole one`(text: String) throws {
        let definition = try Sample.definition(text)
        compare(definition, [], to: .nothing)
        compare(definition, try claims(definition), to: .nothing)
    }

    @Test(arguments: [Appending.alone, Appending.undone])
    func `tell the stories of a whole one`(text: String) throws {
        let definition = try Sample.definition(text)
        let whole = verdict(definition, [], .nothing, stories: true)
        let reduced = verdict(definition, [], .statesAndOrders, stories: true)
        #expect(!whole.hasHitLimit)
        #expect(reduced.stories == whole.stories)
        #expect(reduced.states < whole.states)
    }
}

@Suite struct `An appended event about a command that was sent` {
    private static let text = """
        saga: order
        version: 1
        aggregate: {type: order, stream: ORDERS}
        steps:
          - step: payment
            command: payments.debit
            retry: none
            outcomes: {debited: {event: paid}, declined: {event: unpaid, then: reject}}
            compensate: {command: payments.void, retry: none}
          - wait: 1h
        """

    /// So it need not be explored: whoever keeps the contract says the same either way.
    @Test func `says what a reply to it says`() throws {
        let stepper = Stepper(try Sample.definition(Self.text), isHostile: true)
        var space = StateSpace(stepper, limit: 10_000)
        var compared = 0
        space.explore { _, _, transition, isNew in
            guard isNew else { return }
            for told in stepper.world.layout.appended {
                compared += compare(told, transition.state, stepper) ? 1 : 0
            }
        }
        #expect(compared > 30)
    }

    private func compare(
        _ told: AppendedOutcome, _ state: ModelState, _ stepper: Stepper
    ) -> Bool {
        guard let id = state.saga.steps["payment"]?.commandID else { return false }
        let said = state.truth(of: id)?.answer
        guard said == nil || said == .outcome(told.outcome) else { return false }
        func keys(_ move: Move) -> [StateKey] {
            stepper.transitions(from: state, by: move).map { stepper.coder.key(of: $0.state) }
                .filter { $0 != stepper.coder.key(of: state) }
        }
        let answer = Reply.Answer.outcome(told.outcome, .map(Members()))
        let reply = Move.answer(id, Target("payment"), answer, isOver: false)
        #expect(keys(.append(told)) == keys(reply))
        return true
    }
}
