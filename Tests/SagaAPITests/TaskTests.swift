import SagaCore
import SagaRuntime
import Testing

@testable import SagaAPI

private let identity = SagaIdentity(
    id: sagaID(1), name: "account", definitionVersion: 1, key: "a-1")
private let path = "/api/sagas/00000000-0000-000a-0000-000000000001"

/// A saga that asks two people of the back office, one of whom has answered.
private func asking() -> SagaState {
    var question = OpenQuestion(
        title: "Open the account?", show: ["name": "Ada"], role: "back-office",
        excluded: ["eve"])
    question.answers = [
        OpenQuestion.Answer(by: "kim", at: noon, outcome: "approved", data: ["limit": 5])
    ]
    var state = SagaState(started: identity)
    state.steps["review"] = StepState(phase: .running)
    state.waits = [
        OpenWait(path: "wait#1", kind: .timer, since: noon, dueAt: noon + .seconds(60)),
        OpenWait(
            path: "review", kind: .question(question), since: noon, dueAt: noon + .seconds(3600)),
    ]
    return state
}

private func rig() -> Rig {
    let rig = Rig()
    rig.store.put(identity, state: asking())
    let other = SagaIdentity(id: sagaID(2), name: "order", definitionVersion: 1, key: "o-2")
    rig.store.put(other, state: SagaState(started: other))
    return rig
}

private let task =
    #"{"saga_id":"00000000-0000-000a-0000-000000000001","saga":"account","key":"a-1","step":"review","title":"Open the account?","show":{"name":"Ada"},"role":"back-office","escalated_to":null,"not_by":["eve"],"outcomes":[],"quorum":1,"answers":[{"by":"kim","at":"2026-01-02T03:04:05Z","outcome":"approved","data":{"limit":5}}],"since":"2026-01-02T03:04:05Z","due_at":"2026-01-02T04:04:05Z"}"#

@Suite struct `The list of tasks` {
    @Test func `holds what people are asked and have not decided`() async throws {
        let answer = try await rig().serve { try await $0.send("GET", "/api/tasks") }
        #expect(answer == .json(200, #"{"items":[\#(task)],"after":null}"#))
    }

    @Test(arguments: [("back-office", task), ("sales", "")])
    func `holds only what a role may decide, where it is named`(
        role: String, items: String
    ) async throws {
        let answer = try await rig().serve { try await $0.send("GET", "/api/tasks?role=\(role)") }
        #expect(answer == .json(200, #"{"items":[\#(items)],"after":null}"#))
    }

    @Test func `reads only sagas that wait for a person`() async throws {
        let rig = rig()
        _ = try await rig.serve { try await $0.send("GET", "/api/tasks?saga=account&limit=7") }
        var query = SagaQuery()
        query.needsPerson = true
        query.definition = "account"
        query.limit = 7
        #expect(rig.store.queries == [query])
    }
}

@Suite struct `A reported outcome` {
    @Test func `reaches the saga with who reported it, and is answered with the saga`()
        async throws
    {
        let rig = rig()
        let answer = try await rig.serve {
            try await $0.post(
                "\(path)/steps/review/outcome",
                #"{"outcome":"approved","data":{"limit":9},"by":"ada","reason":"known to us"}"#)
        }
        #expect(answer.status == 200)
        #expect(try Value(json: answer.body)["id"]?.text == identity.id.description)
        #expect(
            rig.door.inputs == [
                .report(
                    "review", outcome: "approved", data: ["limit": 9],
                    OperatorAction(by: "ada", reason: "known to us"))
            ])
    }

    @Test func `needs no data and no reason, and takes the path of an element`() async throws {
        let rig = rig()
        _ = try await rig.serve {
            try await $0.post(
                "\(path)/steps/pay%5B3%5D/outcome", #"{"outcome":"approved","by":"ada"}"#)
        }
        #expect(
            rig.door.inputs == [
                .report(
                    "pay[3]", outcome: "approved", data: [:], OperatorAction(by: "ada", reason: ""))
            ])
    }

    /// Why the rules refuse a report, and how the caller is told.
    static let refusals: [(Refusal, Int, String)] = [
        (.notOpen("review", "it is decided"), 409, "action-refused"),
        (.notAllowed("review", "eve may not decide"), 403, "not-allowed"),
        (.unknownOutcome("review", outcome: "yes", known: ["approved"]), 422, "invalid-body"),
        (
            .invalidForm([SchemaViolation(pointer: "/limit", message: "is required")]), 422,
            "invalid-body"
        ),
    ]

    @Test(arguments: refusals.indices)
    func `that is refused is a problem of its own kind`(place: Int) async throws {
        let (refusal, status, kind) = Self.refusals[place]
        let rig = rig()
        rig.door.failActions(OperatorProblem.refused(refusal))
        let answer = try await rig.serve {
            try await $0.post(
                "\(path)/steps/review/outcome", #"{"outcome":"yes","by":"ada"}"#)
        }
        #expect(answer.status == status)
        #expect(try Value(json: answer.body)["type"]?.text == "urn:sagad:problem:\(kind)")
    }

    @Test func `that lacks its parts is a 422 that names each`() async throws {
        let rig = rig()
        let answer = try await rig.serve {
            try await $0.post("\(path)/steps/review/outcome", #"{"data":7,"who":"ada"}"#)
        }
        let errors = try Value(json: answer.body)["errors"]?.elements?.compactMap {
            $0["pointer"]?.text
        }
        #expect(answer.status == 422)
        #expect(errors == ["/outcome", "/data", "/by", "/who"])
        #expect(rig.door.inputs.isEmpty)
    }
}
