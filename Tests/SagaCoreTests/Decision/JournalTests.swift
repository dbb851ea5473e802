@testable import SagaCore
import Testing

@Suite struct `A journal row` {
    private let id = CommandID(high: 1, low: 2)

    /// The kinds of a row's entries as it is stored.
    private func entries(_ entries: [Entry]) throws -> [Value] {
        let row = JournalRow(version: 1, at: Story.start, input: nil, entries: entries)
        return try #require(try Value(json: row.encoded)["entries"]?.elements)
    }

    @Test func `says what became of nodes that send nothing themselves`() throws {
        let wait = OpenWait(path: "wait#1", kind: .timer, since: Story.start, dueAt: Story.start)
        let answer = OpenQuestion.Answer(
            by: "kim", at: Story.start, outcome: "approved", data: ["n": 1])
        let time = Value.string(Story.start.description)
        let rows = try entries([
            .entered("each#1", list: ["x"]), .passed("each#1"), .waitOpened(wait),
            .waitClosed("wait#1", reason: "why"), .answered("ask", answer),
            .reminded("ask", nextAt: Story.start), .escalated("ask", role: "boss"),
        ])
        #expect(
            rows == [
                ["kind": "entered", "step": "each#1", "list": ["x"]],
                ["kind": "passed", "step": "each#1"],
                ["kind": "wait_opened", "step": "wait#1", "wait": "timer", "due_at": time],
                ["kind": "wait_closed", "step": "wait#1", "reason": "why"],
                [
                    "kind": "answered", "step": "ask", "by": "kim", "outcome": "approved",
                    "data": ["n": 1],
                ],
                ["kind": "reminded", "step": "ask", "remind_at": time],
                ["kind": "escalated", "step": "ask", "role": "boss"],
            ])
    }

    @Test func `says what is between parent and child`() throws {
        let link = ParentLink(sagaID: id, commandID: id)
        let text = Value.string(id.description)
        let rows = try entries([
            .startedByParent(link), .childCancelled(id, "pay", resendAt: Story.start),
            .childStuck("pay", reason: "why"), .childStuck("pay", reason: nil), .takenBack(id),
        ])
        #expect(
            rows == [
                ["kind": "started_by_parent", "parent_id": text, "command_id": text],
                ["kind": "child_cancelled", "step": "pay", "command_id": text],
                ["kind": "child_stuck", "step": "pay", "reason": "why"],
                ["kind": "child_stuck", "step": "pay"],
                ["kind": "taken_back", "command_id": text],
            ])
    }

    @Test func `says which child a command orders`() throws {
        let target = ChildTarget(sagaID: id, definition: "payment", key: "p-1", order: .start)
        let command = OpenCommand(
            id: id, path: "pay", kind: .command, target: .child(target), body: .document,
            since: Story.start, dueAt: nil, resendAt: Story.start)
        let row = try #require(try entries([.commandOpened(command)]).first)
        #expect(row["order"] == "start")
        #expect(row["saga"] == "payment")
        #expect(row["child_key"] == "p-1")
        #expect(row["subject"] == nil)
        #expect(row["due_at"] == nil)
    }

    private func shown(_ input: Input) throws -> Value? {
        try Value(json: JournalRow(version: 2, at: Story.start, input: input, entries: []).encoded)[
            "input"]
    }

    @Test func `says who reported what, and why`() throws {
        let action = OperatorAction(by: "kim", reason: "looked")
        #expect(
            try shown(.report("ask", outcome: "approved", data: ["n": 1], action)) == [
                "kind": "report", "step": "ask", "by": "kim", "reason": "looked",
                "outcome": "approved", "body": ["n": 1],
            ])
        #expect(
            try shown(.takeBack(id, reason: "why")) == [
                "kind": "take_back", "command_id": .string(id.description), "reason": "why",
            ])
        #expect(
            try shown(.childStuck(id, reason: nil)) == [
                "kind": "child_stuck", "command_id": .string(id.description),
            ])
    }
}

@Suite struct `A stored state` {
    /// As the version before branches, lists and children wrote it.
    private let stored = #"""
        {"format":1,"version":1,"status":"running","started_at":1800000000000000,"steps":\#
        {"payment":{"phase":"running","attempt":1,"command_id":\#
        "00000000-0000-0001-0000-000000000002"}},"order":[],"open":[{"id":\#
        "00000000-0000-0001-0000-000000000002","path":"payment","kind":"command","subject":\#
        "payments.debit","attempt":1,"resend":0,"since":1800000000000000,"phase":"inFlight",\#
        "due_at":1800000010000000,"resend_at":1800000030000000}]}
        """#

    @Test func `of a sequence is read and written as it always was`() throws {
        let identity = SagaIdentity(
            id: Story.sagaID, name: "order", definitionVersion: 1, key: "o-1")
        let state = try SagaState(
            decoding: Array(stored.utf8), identity: identity, input: ["amount": 19])
        #expect(state.open.map(\.subject) == ["payments.debit"])
        #expect(state.waits.isEmpty)
        #expect(String(decoding: state.encoded, as: UTF8.self) == stored)
    }

    @Test func `with a wait of an unknown kind is a fault that says what was expected`() {
        let text = #"""
            {"format":1,"version":1,"status":"running","started_at":0,"steps":{},"order":[],\#
            "waits":[{"path":"a","kind":"weather","since":0}]}
            """#
        let identity = SagaIdentity(
            id: Story.sagaID, name: "order", definitionVersion: 1, key: "o-1")
        #expect(throws: StateFault("wait.kind: expected timer, event or question")) {
            try SagaState(decoding: Array(text.utf8), identity: identity, input: [:])
        }
    }
}

@Suite struct `A node's path` {
    @Test(arguments: ["pay", "pay[3]", "pay[3][0]", "wait#1[2]", "each#2[1]"])
    func `is the same after it was taken apart`(path: NodePath) {
        #expect(NodeAddress(path).path == path)
    }

    @Test func `names the node, and the element of each list from the outermost`() {
        #expect(NodeAddress("pay[3][0]") == NodeAddress(name: "pay", indices: [3, 0]))
        #expect(NodeAddress("pay") == NodeAddress(name: "pay", indices: []))
    }

    @Test func `finds its step wherever it stands`() {
        let definition = Nodes.saga([
            Nodes.parallel([("left", [Nodes.each([Nodes.step("pay")])])]), Nodes.step("b"),
        ])
        #expect(definition.step(at: "pay[3]")?.name == "pay")
        #expect(definition.step(at: "b")?.name == "b")
        #expect(definition.step(at: "each#1") == nil)
        #expect(definition.steps.map(\.name) == ["pay", "b"])
    }
}
