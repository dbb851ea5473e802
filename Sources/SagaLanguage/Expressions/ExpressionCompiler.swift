package import SagaCore

/// An expression that passed every check of its context.
package struct CompiledExpression: Hashable, Sendable {
    /// What the core evaluates.
    package var expression: Expression
    /// What is known of its value.
    package var type: ExpressionType
    /// The variables that are sure to have a value wherever the expression is true.
    package var provesPresent: Set<Variable>
}

/// Turns the text between `${` and `}` into what the core evaluates.
package enum ExpressionCompiler {
    /// The longest text of one expression, in UTF-8 bytes.
    package static let textLimit = 16 * 1024
    /// How many nodes of an expression may stand inside one another.
    package static let depthLimit = 64

    /// The expression that a text means in a context, or everything that is wrong with it.
    ///
    /// `expected` refuses another type, `any` aside: `.bool` for a condition, `.list(.any)` for
    /// what `each` takes.
    package static func compile(
        _ text: String, in context: ExpressionContext, expected: ExpressionType? = nil
    ) -> Result<CompiledExpression, ExpressionIssues> {
        let scalars = Array(text.unicodeScalars)
        do throws(ExpressionIssue) {
            let syntax = try parse(text, scalars)
            var checker = Checker(context: context, scalars: scalars)
            let checked = checker.check(syntax)
            if let expected { checker.require(expected, checked, at: syntax.range) }
            guard checker.issues.isEmpty else {
                let inOrder = checker.issues.sorted { $0.offset < $1.offset }
                return .failure(ExpressionIssues(inOrder))
            }
            return .success(
                CompiledExpression(
                    expression: checked.expression, type: checked.type,
                    provesPresent: checked.whenTrue))
        } catch {
            return .failure(ExpressionIssues([error]))
        }
    }

    /// The names of the language's own variables, in scope or not.
    package static let variableNames: Set<String> = [
        "input", "key", "saga", "steps", "result", "now", "failure", "index",
    ]

    /// Why an `as` may not bind that name, for people; nil where it may.
    package static func problem(withName name: String) -> String? {
        let scalars = Array(name.unicodeScalars)
        guard let first = scalars.first, first.isNameStart,
            scalars.allSatisfy({ $0.isNameStart || $0.isDigit })
        else { return "a name is made of letters, digits and '_', and begins with no digit" }
        if Token.Keyword(rawValue: name) != nil || Token.reserved.contains(name) {
            return "'\(name)' is a word that CEL keeps for itself"
        }
        return variableNames.contains(name) ? "'\(name)' is a variable of the language" : nil
    }

    private static func parse(
        _ text: String, _ scalars: [Unicode.Scalar]
    ) throws(ExpressionIssue) -> Syntax {
        guard text.utf8.count <= textLimit else {
            throw ExpressionIssue(
                offset: 0, length: scalars.count,
                message: "the expression is longer than \(textLimit) bytes", code: "too-long")
        }
        var lexer = Lexer(scalars)
        var parser = Parser(try lexer.tokens())
        return try parser.parse()
    }
}

extension Checker {
    /// Reports a whole expression that cannot have the type that its place needs.
    fileprivate mutating func require(
        _ expected: ExpressionType, _ checked: Checked, at range: Range<Int>
    ) {
        let isFine =
            checked.type.mayBe(expected) || (expected == .double && checked.type == .int)
        guard !isFine else { return }
        refuse(
            range, "wrong-type",
            "the expression must give \(expected.shown), but it gives \(checked.type.shown)")
    }
}
