import Testing

@testable import SagaLanguage

@Suite struct `A scalar's text` {
    @Test(
        arguments: [
            ("", []), ("plain", [TemplateText.Part.text("plain")]),
            ("${a}", [.expression("a", offset: 2)]),
            ("x ${a} y", [.text("x "), .expression("a", offset: 4), .text(" y")]),
            ("${a}${b}", [.expression("a", offset: 2), .expression("b", offset: 6)]),
            ("é😀 ${a}", [.text("é😀 "), .expression("a", offset: 5)]),
            ("$${a}", [.text("${a}")]), ("$$${a}", [.text("$${a}")]),
            ("$${a} ${b}", [.text("${a} "), .expression("b", offset: 8)]),
            ("$5 and { } and $", [.text("$5 and { } and $")]),
            ("${{'a': {'b': 1}}}!", [.expression("{'a': {'b': 1}}", offset: 2), .text("!")]),
            ("${'}' + \"}\"}", [.expression("'}' + \"}\"", offset: 2)]),
            (#"${'it\'s }'}"#, [.expression(#"'it\'s }'"#, offset: 2)]),
            (#"${r'\'}x"#, [.expression(#"r'\'"#, offset: 2), .text("x")]),
            ("${'''it's }'''}", [.expression("'''it's }'''", offset: 2)]),
            ("${a // }\n}", [.expression("a // }\n", offset: 2)]),
            ("${'${b}'}", [.expression("'${b}'", offset: 2)]),
            ("${}", [.expression("", offset: 2)]),
        ] as [(String, [TemplateText.Part])])
    func `is split at its expressions`(scalar: String, parts: [TemplateText.Part]) throws {
        #expect(try TemplateText.parts(of: scalar) == parts)
    }

    @Test(arguments: [
        ("${a", 0), ("x ${a {", 2), ("é ${'}", 2), (#"${'\"#, 0), ("${a} ${", 5), ("${a // }", 0),
    ])
    func `with an expression that has no end is refused`(scalar: String, offset: Int) {
        #expect {
            try TemplateText.parts(of: scalar)
        } throws: { error in
            let issue = error as? ExpressionIssue
            return issue?.offset == offset && issue?.code == "unterminated-expression"
        }
    }
}
