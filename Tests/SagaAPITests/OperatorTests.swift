import SagaCore
import SagaRuntime
import Testing

@testable import SagaAPI

private let identity = SagaIdentity(id: sagaID(1), name: "order", definitionVersion: 1, key: "o-1")
private let path = "/api/sagas/00000000-0000-000a-0000-000000000001"
private let action = OperatorAction(by: "ada", reason: "asked by phone")

private func stuckState(_ steps: [String]) -> SagaState {
    var state = SagaState(started: identity)
    state.status = .stuck
    for step in steps { state.steps[step] = StepState(phase: .stuck) }
    return state
}

private func rig(stuck: [String] = ["payment"]) -> Rig {
    let rig = Rig()
    rig.store.put(identity, state: stuckState(stuck))
    return rig
}

/// An action's body and the input that it becomes.
struct Wish: Sendable, CustomTestStringConvertible {
    var verb: String
    var members: String
    var input: Input
    var testDescription: String { "\(verb) {\(members)}" }
}

private let wishes = [
    Wish(verb: "cancel", members: "", input: .cancel(action)),
    Wish(verb: "retry", members: "", input: .retry("payment", body: nil, action)),
    Wish(
        verb: "retry", members: #","step":"review","body":{"a":1}"#,
        input: .retry("review", body: ["a": 1], action)),
    Wish(
        verb: "settle", members: #","body":{"outcome":"debited"}"#,
        input: .settle("payment", .outcome("debited", [:]), action)),
    Wish(
        verb: "settle", members: #","step":"payment","body":{"outcome":"debited","data":{"a":1}}"#,
        input: .settle("payment", .outcome("debited", ["a": 1]), action)),
    Wish(
        verb: "settle", members: #","body":{"compensated":true}"#,
        input: .settle("payment", .compensated, action)),
    Wish(
        verb: "settle", members: #","evidence":"receipt 5","body":{"compensated":true}"#,
        input: .settle(
            "payment", .compensated,
            OperatorAction(by: "ada", reason: "asked by phone", evidence: "receipt 5"))),
]

@Suite struct `An operator's action` {
    @Test(arguments: wishes)
    func `reaches the door, and is answered with the saga`(wish: Wish) async throws {
        let rig = rig()
        let answer = try await rig.serve {
            try await $0.post(
                "\(path)/\(wish.verb)", #"{"by":"ada","reason":"asked by phone"\#(wish.members)}"#)
        }
        #expect(
            answer
                == .json(
                    200,
                    #"{"id":"00000000-0000-000a-0000-000000000001","saga":"order","version":1,"key":"o-1","status":"stuck","steps":{"payment":{"state":"stuck","outcome":null,"result":null,"attempt":0}},"open":[],"failure":null,"started_at":"2026-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05Z","ended_at":null,"journal_version":1}"#
                ))
        #expect(rig.door.inputs == [wish.input])
    }

    @Test(arguments: [
        ([], "none"), (["payment", "review"], "payment, review"),
    ])
    func `needs a step where not exactly one is stuck`(
        stuck: [String], found: String
    ) async throws {
        let rig = rig(stuck: stuck)
        let answer = try await rig.serve {
            try await $0.post("\(path)/retry", #"{"by":"ada","reason":"x"}"#)
        }
        let message = "is required unless exactly one step needs an operator: here it is \(found)"
        #expect(
            answer
                == .problem(
                    422, "invalid-body", "The body is not what is expected",
                    #""detail":"/step: \#(message)","errors":[{"pointer":"/step","message":"\#(message)"}]"#
                ))
        #expect(rig.door.inputs.isEmpty)
    }

    @Test(
        arguments: [
            ("cancel", "{}", [("/reason", "is required"), ("/by", "is required")]),
            (
                "cancel", #"{"by":"","reason":7,"step":"payment"}"#,
                [
                    ("/reason", "must be text, is a number"),
                    ("/by", "must have 1 to 255 bytes, has 0"),
                    ("/step", "is unknown here: there is reason, by"),
                ]
            ),
            (
                "retry", #"{"by":"a\u0000","reason":"x","stp":"payment"}"#,
                [
                    ("/by", "must have no NUL"),
                    ("/stp", "is unknown here: there is reason, by, step, body, evidence"),
                ]
            ),
            (
                "settle", #"{"by":"a","reason":"x"}"#,
                [
                    (
                        "/body",
                        #"must be {\"outcome\": NAME, \"data\": {…}} or {\"compensated\": true}"#
                    )
                ]
            ),
            (
                "settle", #"{"by":"a","reason":"x","body":{"compensated":false,"a/b":1}}"#,
                [
                    ("/body/outcome", "is missing, and 'compensated' is not true"),
                    ("/body/a~1b", "does not go with compensated"),
                ]
            ),
            (
                "settle",
                #"{"by":"a","reason":"x","body":{"outcome":"done","data":[],"compensated":true}}"#,
                [
                    ("/body/data", "must be an object, is a list"),
                    ("/body/compensated", "does not go with outcome"),
                ]
            ),
        ] as [(String, String, [(String, String)])])
    func `is a 422 that names each mistake`(
        verb: String, body: String, errors: [(String, String)]
    ) async throws {
        let rig = rig()
        let answer = try await rig.serve { try await $0.post("\(path)/\(verb)", body) }
        let detail = errors.map { "\($0.0): \($0.1)" }.joined(separator: "; ")
        let list = errors.map { #"{"pointer":"\#($0.0)","message":"\#($0.1)"}"# }
        #expect(
            answer
                == .problem(
                    422, "invalid-body", "The body is not what is expected",
                    #""detail":"\#(detail)","errors":[\#(list.joined(separator: ","))]"#))
        #expect(rig.door.inputs.isEmpty)
    }

    @Test(
        arguments: [
            (
                OperatorProblem.refused(.notCancellable("its pivot was sent")), 409,
                "action-refused",
                "The saga does not allow this",
                #""detail":"the saga cannot be cancelled: its pivot was sent""#, [:]
            ),
            (
                .ignored("the saga has ended"), 409, "no-effect", "Nothing would change",
                #""detail":"the saga has ended""#, [:]
            ),
            (
                .refused(.unknownOutcome("payment", outcome: "dbited", known: ["debited"])), 422,
                "invalid-body", "The body is not what is expected",
                #""detail":"/body/outcome: step payment has no outcome 'dbited': it has debited","errors":[{"pointer":"/body/outcome","message":"step payment has no outcome 'dbited': it has debited"}]"#,
                [:]
            ),
            (
                .overloaded(retryAfter: .seconds(1)), 503, "overloaded", "Too much is waiting",
                #""detail":"too many requests are waiting: try again later""#, ["retry-after": "1"]
            ),
        ] as [(OperatorProblem, Int, String, String, String, [String: String])])
    func `is a problem where the door refuses it`(
        problem: OperatorProblem, status: Int, name: String, title: String, rest: String,
        fields: [String: String]
    ) async throws {
        let rig = rig()
        rig.door.failActions(problem)
        let answer = try await rig.serve {
            try await $0.post("\(path)/cancel", #"{"by":"ada","reason":"x"}"#)
        }
        #expect(answer == .problem(status, name, title, rest, fields))
    }
}
