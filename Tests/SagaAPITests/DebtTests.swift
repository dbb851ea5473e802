import SagaCore
import SagaRuntime
import Testing

@testable import SagaAPI

private let identity = SagaIdentity(id: sagaID(1), name: "order", definitionVersion: 1, key: "o-1")
private let commandID = "00000000-0000-000c-0000-000000000007"

/// An hour before noon the payment was taken, and then it was to be given back.
private func owing(
    limits: APILimits = APILimits(), _ change: (inout SagaState) -> Void
) -> Rig {
    let rig = Rig(limits: limits)
    var state = SagaState(started: identity)
    state.status = .compensating
    state.steps["payment"] = StepState(phase: .completed, attempt: 1)
    change(&state)
    rig.store.put(identity, input: ["amount": 7], state: state)
    let opened = #""kind":"command_opened","step":"payment","command_id""#
    rig.store.addJournal(
        identity.id, version: 1, at: noon + .seconds(-3600),
        #"{"entries":[{\#(opened):"c-1","command":"command","subject":"payments.debit","body":{"amount":19.5,"currency":"EUR"}}]}"#
    )
    rig.store.addJournal(
        identity.id, version: 2, at: noon + .seconds(-600),
        #"{"entries":[{\#(opened):"\#(commandID)","command":"compensation","subject":"payments.void","body":{"order_id":"o-1"}}]}"#
    )
    rig.store.addJournal(
        identity.id, version: 3, at: noon + .seconds(-60),
        #"{"entries":[{"kind":"compensation_stuck","step":"payment","reason":"no account"}]}"#)
    return rig
}

private func stuck(_ state: inout SagaState) {
    state.status = .stuck
    state.steps["payment"]?.compensation = .stuck
    state.steps["payment"]?.stuckReason = "no account"
}

private func open(_ state: inout SagaState) {
    var command = OpenCommand(
        id: CommandID(commandID)!, path: "payment", kind: .compensation,
        subject: "payments.void", body: .value(["order_id": "o-1"]), since: noon,
        dueAt: noon + .seconds(30), resendAt: noon + .seconds(30))
    command.attempt = 9
    state.open = [command]
    state.steps["payment"]?.compensation = .running
}

private func item(_ middle: String, attempt: String = "null", proposal: String = "null") -> String {
    #"{"saga_id":"00000000-0000-000a-0000-000000000001","saga":"order","key":"o-1",\#(middle),"amount":19.5,"currency":"EUR","command_id":"\#(commandID)","subject":"payments.void","attempt":\#(attempt),"body":{"order_id":"o-1"},"proposal":\#(proposal)}"#
}

private let stuckItem = item(
    #""status":"stuck","step":"payment","kind":"compensation","state":"stuck","reason":"no account","since":"2026-01-02T03:03:05Z","age_seconds":60"#
)

@Suite struct `The list of debt` {
    @Test func `holds what is stuck, with its age and its amount`() async throws {
        let rig = owing(stuck)
        let answer = try await rig.serve { try await $0.send("GET", "/api/debt") }
        #expect(answer == .json(200, #"{"items":[\#(stuckItem)],"after":null}"#))
        #expect(rig.store.queries.map(\.needsPerson) == [true])
    }

    @Test func `holds a compensation that goes unanswered since it was first sent`() async throws {
        let answer = try await owing(open).serve { try await $0.send("GET", "/api/debt") }
        let expected = item(
            #""status":"compensating","step":"payment","kind":"compensation","state":"open","reason":null,"since":"2026-01-02T02:54:05Z","age_seconds":600"#,
            attempt: "9")
        #expect(answer == .json(200, #"{"items":[\#(expected)],"after":null}"#))
    }

    @Test func `leaves out a compensation that may be answered yet`() async throws {
        let rig = owing(limits: APILimits(debtAfter: .seconds(601)), open)
        let answer = try await rig.serve { try await $0.send("GET", "/api/debt") }
        #expect(answer == .json(200, #"{"items":[],"after":null}"#))
    }

    @Test func `names who proposed to settle it`() async throws {
        let rig = owing { state in
            stuck(&state)
            state.steps["payment"]?.proposal = SettlementProposal(
                settlement: .compensated, by: "ada")
        }
        let answer = try await rig.serve { try await $0.send("GET", "/api/debt") }
        #expect(answer.body.contains(#""proposal":{"by":"ada","compensated":true}"#))
    }

    @Test(arguments: [
        ("state=stuck", true), ("state=open", false), ("min_age=60", true), ("min_age=61", false),
        ("min_amount=19.5", true), ("min_amount=20", false), ("amount_field=order_id", true),
        ("amount_field=total&min_amount=1", false),
    ])
    func `holds only what is asked for`(query: String, isListed: Bool) async throws {
        let answer = try await owing(stuck).serve { try await $0.send("GET", "/api/debt?\(query)") }
        #expect(answer.status == 200)
        #expect(answer.body.contains("no account") == isListed, "\(answer.body)")
    }

    @Test(arguments: [
        ("state=new", "/state"), ("min_age=-1", "/min_age"), ("min_amount=much", "/min_amount"),
        ("color=red", "/color"),
    ])
    func `refuses what it does not know`(query: String, pointer: String) async throws {
        let answer = try await owing(stuck).serve { try await $0.send("GET", "/api/debt?\(query)") }
        #expect(answer.status == 422 || answer.status == 400)
        #expect(answer.body.contains(#""pointer":"\#(pointer)""#), "\(answer.body)")
    }

    @Test func `is settled by two where the setting says so`() async throws {
        let rig = owing(limits: APILimits(settlesByTwo: true), stuck)
        let path = "/api/sagas/00000000-0000-000a-0000-000000000001/settle"
        _ = try await rig.serve {
            try await $0.post(
                path, #"{"by":"ada","reason":"paid back","body":{"compensated":true}}"#)
        }
        let action = OperatorAction(by: "ada", reason: "paid back")
        #expect(rig.door.inputs == [.proposeSettling("payment", .compensated, action)])
    }
}
