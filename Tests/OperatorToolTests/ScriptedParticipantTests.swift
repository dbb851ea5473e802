import SagaCheck
import SagaCore
import SagaLanguage
import Testing

@testable import OperatorTool

private let yaml = """
    saga: shop
    version: 1
    steps:
      - step: stock
        command: stock.reserve
        outcomes: {reserved: {}, sold_out: {then: reject}}
        compensate: {command: stock.release}
      - step: pay
        command: payments.charge
        unknown: {probe: payments.status, every: 2s, for: 1m, otherwise: compensate}
        outcomes: {charged: {}, declined: {then: reject}}
        compensate: {command: payments.refund}

    """

/// A participant that plays the shop with this `given`.
private func participant(_ given: String) throws -> ScriptedParticipant {
    let definition = try #require(
        DefinitionLoader.load(canonical: yaml, file: "shop.yaml").definition)
    let text = "saga: shop\nscenarios:\n  - name: it\n    given: \(given)\n"
    let read = ScenarioFile.read(text: text, file: "shop.test.yaml", about: definition)
    try #require(read.diagnostics.isEmpty, "\(read.diagnostics)")
    let scenario = try #require(read.file?.scenarios.first)
    return ScriptedParticipant([
        Script(file: "shop.test.yaml", definition: definition, scenario: scenario)
    ])
}

private func command(
    _ id: String, _ path: String, _ kind: CommandKind = .command, attempt: Int = 1,
    about original: String? = nil, saga: String = "shop", sagaID: String = "s-1"
) -> PlayedCommand {
    PlayedCommand(
        id: id, attempt: attempt, target: Target(path, kind), saga: saga, sagaID: sagaID,
        key: "k", name: "x.y", originalID: original)
}

private func outcome(_ name: String, _ data: Value = [:]) -> Reply.Answer { .outcome(name, data) }

@Suite struct `A scripted participant` {
    @Test func `answers what is not given as a test does`() throws {
        var participant = try participant("{}")
        #expect(participant.act(on: command("c-1", "stock")) == .answer(outcome("reserved")))
        #expect(
            participant.act(on: command("c-2", "stock", .compensation, about: "c-1"))
                == .answer(outcome("done")))
    }

    @Test func `knows what is done, and what was refused or taken back`() throws {
        var participant = try participant("{pay: declined}")
        _ = participant.act(on: command("c-1", "stock"))
        _ = participant.act(on: command("c-1", "stock", attempt: 2))
        _ = participant.act(on: command("c-2", "pay"))
        #expect(participant.standing(["c-1", "c-2", "c-3"]) == ["c-1": 1, "c-2": 0])
        _ = participant.act(on: command("c-4", "stock", .compensation, about: "c-1"))
        #expect(participant.standing(["c-1"]) == ["c-1": 0])
    }

    @Test func `answers attempt by attempt, and every delivery of one alike`() throws {
        var participant = try participant(
            "{stock: [timeout, {error: {code: busy, retriable: true}}, late, {reserved: {at: 5}}]}")
        let busy = Reply.Answer.error(code: "busy", message: "", isRetriable: true)
        for _ in 1...2 {
            #expect(participant.act(on: command("c-1", "stock", attempt: 1)) == .silence)
        }
        #expect(participant.act(on: command("c-1", "stock", attempt: 2)) == .answer(busy))
        #expect(
            participant.act(on: command("c-1", "stock", attempt: 3))
                == .answerLate(outcome("reserved")))
        // It is done by then, and once done is done.
        #expect(
            participant.act(on: command("c-1", "stock", attempt: 4))
                == .answer(outcome("reserved")))
        // Another saga is another story.
        #expect(participant.act(on: command("c-9", "stock", sagaID: "s-2")) == .silence)
    }

    @Test func `answers twice where that is given`() throws {
        var participant = try participant("{stock: {duplicate: sold_out}}")
        #expect(participant.act(on: command("c-1", "stock")) == .answerTwice(outcome("sold_out")))
    }

    @Test func `refuses the command that comes after it was taken back`() throws {
        var participant = try participant("{stock: [timeout, reserved]}")
        #expect(participant.act(on: command("c-1", "stock")) == .silence)
        let back = command("c-2", "stock", .compensation, about: "c-1")
        #expect(participant.act(on: back) == .answer(outcome("done")))
        #expect(
            participant.act(on: command("c-1", "stock", attempt: 2))
                == .answer(ScriptedParticipant.refusal))
        #expect(participant.act(on: back) == .answer(outcome("done")))
    }

    @Test func `takes nothing back while a compensation is not answered with an outcome`() throws {
        var participant = try participant(
            "{stock.compensate: [{error: {code: closed, retriable: true}}, done]}")
        let closed = Reply.Answer.error(code: "closed", message: "", isRetriable: true)
        #expect(
            participant.act(on: command("c-2", "stock", .compensation, about: "c-1"))
                == .answer(closed))
        #expect(participant.act(on: command("c-1", "stock")) == .answer(outcome("reserved")))
        #expect(
            participant.act(on: command("c-2", "stock", .compensation, attempt: 2, about: "c-1"))
                == .answer(outcome("done")))
    }

    @Test func `answers a probe with what it knows`() throws {
        var participant = try participant("{pay: [{declined: {why: poor}}]}")
        let declined = outcome("declined", ["why": "poor"])
        #expect(participant.act(on: command("c-1", "pay")) == .answer(declined))
        #expect(
            participant.act(on: command("p-1", "pay", .probe, about: "c-1")) == .answer(declined))
        // Of a command that never came the probe's answer is from then on the command's, too.
        #expect(
            participant.act(on: command("p-2", "pay", .probe, about: "c-2", sagaID: "s-2"))
                == .answer(outcome("charged")))
        #expect(
            participant.act(on: command("c-2", "pay", sagaID: "s-2"))
                == .answer(outcome("charged")))
    }

    @Test func `refuses the command after it said that it will never be done`() throws {
        var participant = try participant("{pay: timeout, pay.probe: [pending, never]}")
        #expect(participant.act(on: command("c-1", "pay")) == .silence)
        #expect(
            participant.act(on: command("p-1", "pay", .probe, about: "c-1"))
                == .answer(outcome("pending")))
        #expect(
            participant.act(on: command("p-2", "pay", .probe, about: "c-1"))
                == .answer(outcome("never")))
        #expect(
            participant.act(on: command("c-1", "pay", attempt: 2))
                == .answer(ScriptedParticipant.refusal))
    }

    @Test func `leaves the commands of other sagas`() throws {
        var participant = try participant("{}")
        #expect(participant.act(on: command("c-1", "stock", saga: "order")) == .leave)
    }

    @Test(arguments: [
        (outcome("reserved", ["at": 5]), #"{"outcome":"reserved","data":{"at":5}}"#),
        (
            Reply.Answer.error(code: "busy", message: "later", isRetriable: true),
            #"{"error":{"code":"busy","message":"later","retriable":true}}"#
        ),
    ])
    func `says it as the protocol has it`(answer: Reply.Answer, body: String) {
        #expect(String(decoding: answer.jsonBytes, as: UTF8.self) == body)
    }

    @Test(arguments: [
        ("saga.command.payments.>", "saga.command.payments.>", true),
        ("saga.command.>", "saga.command.payments.>", true),
        (">", "saga.command.payments.>", true),
        ("saga.command.payments.debit", "saga.command.payments.>", true),
        ("saga.command.*.debit", "saga.command.payments.>", true),
        ("saga.command.reviews.>", "saga.command.payments.>", false),
        ("saga.command.payment", "saga.command.payments.>", false),
        ("saga.command.payments", "saga.command.payments.>", false),
    ])
    func `sees where another serves its subjects`(one: String, other: String, overlap: Bool) {
        #expect(SubjectPattern.overlap(one, other) == overlap)
        #expect(SubjectPattern.overlap(other, one) == overlap)
    }
}
