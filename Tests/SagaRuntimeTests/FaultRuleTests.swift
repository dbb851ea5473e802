import SagaCore
import SagaTestKit
import Testing

@testable import SagaRuntime

@Suite struct `A rule of failures` {
    private let end = Sample.time(100)

    private func rule(_ change: (inout FaultRule) -> Void = { _ in }) -> FaultRule {
        var rule = FaultRule(name: "lost", until: end, fault: .timeout)
        change(&rule)
        return rule
    }

    private func target(
        _ number: Int = 1, path: NodePath = "payment", kind: CommandKind = .command,
        assigned: [String] = []
    ) -> FaultTarget {
        let saga = SagaIdentity(
            id: Sample.sagaID(number), name: "order", definitionVersion: 1, key: "key-\(number)")
        return FaultTarget(
            saga: saga, input: ["amount": .double(Double(number))], path: path, kind: kind,
            assigned: assigned)
    }

    @Test func `strikes every command until its end where it says nothing else`() {
        #expect(rule().strikes(target(), at: Sample.time(99)))
        #expect(!rule().strikes(target(), at: end))
    }

    @Test func `strikes the sagas, the steps and the kinds that it names`() {
        let now = Sample.epoch
        #expect(rule { $0.saga = "order" }.strikes(target(), at: now))
        #expect(!rule { $0.saga = "trip" }.strikes(target(), at: now))
        #expect(rule { $0.step = "payment" }.strikes(target(), at: now))
        #expect(!rule { $0.step = "review" }.strikes(target(), at: now))
        #expect(!rule().strikes(target(kind: .compensation), at: now))
        #expect(rule { $0.kind = .probe }.strikes(target(kind: .probe), at: now))
        #expect(rule { $0.key = "key-1" }.strikes(target(), at: now))
        #expect(!rule { $0.key = "key-2" }.strikes(target(), at: now))
    }

    @Test func `takes a step's name for all its elements, and a path for one`() {
        let element = target(path: "pay[3]")
        #expect(rule { $0.step = "pay" }.strikes(element, at: Sample.epoch))
        #expect(rule { $0.step = "pay[3]" }.strikes(element, at: Sample.epoch))
        #expect(!rule { $0.step = "pay[2]" }.strikes(element, at: Sample.epoch))
    }

    @Test func `strikes where its condition holds, and never where that has no value`() {
        let over = rule {
            $0.when = .binary(
                .greater, .field(.variable(.input), "amount"), .literal(.double(5)))
        }
        #expect(over.strikes(target(6), at: Sample.epoch))
        #expect(!over.strikes(target(5), at: Sample.epoch))
        let missing = rule { $0.when = .field(.variable(.input), "nowhere") }
        #expect(!missing.strikes(target(), at: Sample.epoch))
    }

    @Test func `strikes its share of the sagas, always the same ones`() {
        let tenth = rule { $0.share = 0.1 }
        let struck = (0..<5000).filter { tenth.strikes(target($0), at: Sample.epoch) }
        #expect((400...600).contains(struck.count))
        #expect(struck == (0..<5000).filter { tenth.strikes(target($0), at: Sample.time(9)) })
        var other = tenth
        other.name = "other"
        #expect(struck != (0..<5000).filter { other.strikes(target($0), at: Sample.epoch) })
        #expect(!rule { $0.share = 0 }.strikes(target(), at: Sample.epoch))
    }

    @Test func `strikes a saga that asked for it whatever its choice of sagas`() {
        let chosen = rule {
            $0.share = 0
            $0.key = "another"
            $0.step = "payment"
        }
        #expect(chosen.strikes(target(assigned: ["a", "lost"]), at: Sample.epoch))
        #expect(!chosen.strikes(target(assigned: ["a"]), at: Sample.epoch))
        #expect(!chosen.strikes(target(path: "review", assigned: ["lost"]), at: Sample.epoch))
        #expect(!chosen.strikes(target(assigned: ["lost"]), at: end))
    }

    @Test func `shows a strike as a row of the journal`() throws {
        var struck = target()
        struck.commandID = Sample.sagaID(7)
        struck.attempt = 2
        let strike = FaultStrike(
            id: Sample.sagaID(8), sagaID: struck.saga.id, sagaVersion: 3, at: Sample.epoch,
            rule: "lost", detail: struck.detail(of: .crash(.beforeAck)))
        let expected: Value = [
            "version": 3, "at": "2026-01-01T00:00:00Z", "input": ["kind": "fault"],
            "entries": [
                [
                    "kind": "fault", "rule": "lost", "what": "crash before_ack",
                    "step": "payment", "command": "command",
                    "command_id": .string(Sample.sagaID(7).description), "attempt": 2,
                    "at": "2026-01-01T00:00:00Z",
                ]
            ],
        ]
        #expect(try Value(json: strike.journalRow) == expected)
    }
}
