import SagaCore
import SagaRuntime
import Testing

@testable import SagaAPI

/// Two steps that can be taken back, and one between them that cannot.
private let trip = SagaDefinition(
    name: "trip", version: 1,
    nodes: [
        ("flight", Compensation(subject: "flights.cancel", body: nil)), ("visa", nil),
        ("hotel", Compensation(subject: "hotels.cancel", body: nil)),
    ].map { name, compensation in
        Node(body: .step(Step(name: name, subject: "\(name)s.book", compensation: compensation)))
    })

/// A saga whose flight and visa are done, and whose hotel is being asked.
private func rig() throws -> (Rig, SagaState) {
    let rig = Rig()
    rig.door.catalog.replace(
        entries: [.init(definition: trip, hash: [1])], offered: [trip], active: nil)
    let decider = Decider(trip)
    let now = Circumstances(now: noon)
    var state = try decider.start(["to": "Oslo"], id: sagaID(1), freshKey: "t-1", at: now).get()
        .state
    for _ in 1...2 {
        let open = try #require(state.open.first)
        let reply = Reply(
            commandID: open.id, attempt: 1, answer: .outcome("done", .map(Members())))
        guard case .record(let decision) = decider.decide(.reply(reply), in: state, at: now)
        else { throw Unexpected() }
        state = decision.state
    }
    rig.store.put(state.identity, input: state.input, state: state)
    return (rig, state)
}

private struct Unexpected: Error {}

@Suite struct `The compensation plan of a saga` {
    @Test func `has what is awaited, what would run in which order, and what stays`() async throws {
        let (rig, state) = try rig()
        let path = "/api/sagas/\(state.identity.id)/compensation-plan"
        let answers = try await rig.serve { rig in
            [try await rig.send("GET", path), try await rig.post(path, "")]
        }
        #expect(
            answers[0]
                == .json(
                    200,
                    #"{"id":"\#(sagaID(1))","saga":"trip","key":"t-1","status":"running","#
                        + #""can_cancel":true,"reason":null,"#
                        + #""awaits":[{"step":"hotel","command":"hotels.book","#
                        + #""until":"2026-01-02T03:04:35Z"}],"compensations":["#
                        + #"{"round":1,"step":"hotel","step_is":"unknown","#
                        + #""command":"hotels.cancel","body":{"to":"Oslo"}},"#
                        + #"{"round":2,"step":"flight","step_is":"done","#
                        + #""command":"flights.cancel","body":{"to":"Oslo"}}],"#
                        + #""stays":[{"step":"visa","outcome":"done"}],"end":"compensated"}"#))
        #expect(answers[1].status == 405)
        #expect(rig.door.inputs.isEmpty, "nothing is changed")
    }

    @Test func `is a 404 for an unknown saga`() async throws {
        let rig = Rig()
        let answer = try await rig.serve {
            try await $0.send("GET", "/api/sagas/\(sagaID(9))/compensation-plan")
        }
        #expect(answer.status == 404)
    }
}
