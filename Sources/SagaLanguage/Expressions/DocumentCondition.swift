package import SagaCore

/// A condition over the documents of a definition's sagas, such as a rule of failures has.
package enum DocumentCondition {
    /// What a scalar `${…}` means over a definition's documents: `input`, `key`, `saga` and `now`
    /// are in scope.
    package static func compile(
        _ scalar: String, over definition: SagaDefinition
    ) -> Result<Expression, ExpressionIssues> {
        do throws(ExpressionIssue) {
            guard case .expression(let text, _)? = try TemplateText.parts(of: scalar).first,
                try TemplateText.parts(of: scalar).count == 1
            else {
                throw ExpressionIssue(
                    offset: 0, length: scalar.unicodeScalars.count,
                    message: "a condition must be one expression in ${…}, is '\(scalar)'",
                    code: "syntax")
            }
            let context = ExpressionContext(
                input: documentType(of: definition), hasKey: true, hasSaga: true, hasNow: true)
            return ExpressionCompiler.compile(text, in: context, expected: .bool)
                .map(\.expression)
        } catch {
            return .failure(ExpressionIssues([error]))
        }
    }

    /// What is known of a document: what its schema says, and the members that the start adds.
    private static func documentType(of definition: SagaDefinition) -> ExpressionType {
        guard let intake = definition.intake else {
            return definition.inputSchema?.expressionType ?? .any
        }
        guard case .map(var fields, let isOpen)? = intake.schema?.expressionType else {
            return .any
        }
        if let id = intake.idMember { fields[id] = .init(.string) }
        for assignment in intake.set { fields[assignment.name] = .init(.any) }
        return .map(fields: fields, isOpen: isOpen)
    }
}

extension DurationText {
    /// The duration that a text says; nil for another text.
    package static func duration(_ text: String) -> Duration? { try? parse(text).get() }
}
