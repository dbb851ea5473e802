import SagaCore
import SagaLanguage
import Testing

@Suite struct `A file of rules of failures` {
    @Test func `has one rule or a list, in YAML or JSON`() throws {
        let list = try FaultDocument.rules(of: "- {name: a, times: 2}\n- name: b\n", file: "f")
            .get()
        #expect(list.map(\.value) == [["name": "a", "times": 2], ["name": "b"]])
        let one = try FaultDocument.rules(of: #"{"name":"a"}"#, file: "f").get()
        #expect(one.map(\.value) == [["name": "a"]])
    }

    @Test func `knows the place of what a rule says`() throws {
        let text = "- name: a\n  error: {code: x, retriable: 3}\n- name: b\n"
        let rules = try FaultDocument.rules(of: text, file: "f").get()
        #expect(rules[0].place(of: "/error/retriable") == "2:20")
        #expect(rules[0].place(of: "/error/message") == "2:3")
        #expect(rules[1].place(of: "/step") == "3:3")
        #expect(rules[1].place(of: "") == "3:3")
    }

    @Test(arguments: ["lost", "[", ""])
    func `is refused where it has none`(text: String) {
        guard case .failure(let problem) = FaultDocument.rules(of: text, file: "f.yaml") else {
            Issue.record("\(text) was read")
            return
        }
        #expect(problem.message.contains("f.yaml"))
    }
}

@Suite struct `A condition over documents` {
    private func compile(_ text: String) throws -> Result<Expression, ExpressionIssues> {
        let loaded = DefinitionLoader.load(
            text: """
                saga: order
                version: 1
                aggregate: {type: order, stream: ORDERS}
                intake:
                  path: /api/orders
                  id: order_id
                  schema:
                    type: object
                    additionalProperties: false
                    properties: {name: {type: string}, amount: {type: number}}
                    required: [name, amount]
                  set: {total: "${input.amount * 2.0}"}
                steps:
                  - {step: pay, command: a.pay, compensate: none}
                """, file: "x.yaml"
        ) { _ in .failure(UnreadableFile("none")) }
        let definition = try #require(loaded.definition, "\(loaded.diagnostics.rendered)")
        return DocumentCondition.compile(text, over: definition)
    }

    @Test(arguments: [
        "${input.amount > 4.0}", "${input.total > 4.0 && key != 'a'}",
        "${input.order_id.startsWith('a')}", "${saga.name == 'order'}",
    ])
    func `sees the document with what the start adds`(text: String) throws {
        #expect(throws: Never.self) { try compile(text).get() }
    }

    @Test(arguments: [
        "input.amount > 4.0", "${input.amount}", "${input.colour == 'red'}",
        "${steps.pay.outcome == 'done'}", "${input.name > 4.0}", "a ${true}", "",
    ])
    func `is refused where it is none`(text: String) throws {
        guard case .failure(let issues) = try compile(text) else {
            Issue.record("\(text) was taken")
            return
        }
        #expect(!issues.issues.isEmpty)
    }
}
