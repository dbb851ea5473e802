internal import SagaCore

// Values with `${…}` inside.
extension DefinitionReader {
    /// A value with expressions inside and what is known of it; nil where an expression is wrong.
    mutating func template(
        of node: YAMLNode, in context: ExpressionContext
    ) -> (template: Template, type: ExpressionType)? {
        switch node.content {
        case .scalar(let scalar): scalarTemplate(of: node, scalar, in: context)
        case .sequence(let elements): listTemplate(of: elements, in: context)
        case .mapping(let members): mapTemplate(of: members, in: context)
        }
    }

    /// The value of a key that takes a mapping, or one expression that gives a map.
    mutating func mappingTemplate(
        _ fields: Fields, _ key: String, in context: ExpressionContext
    ) -> Template? {
        guard let member = fields[key] else { return nil }
        if member.value.members == nil, !holdsExpression(member.value) {
            reportType(member, expected: "a mapping")
            return nil
        }
        guard let (template, type) = template(of: member.value, in: context) else { return nil }
        guard type.mayBeMap else {
            diagnostics.error(
                .wrongType, at: member.place, "`\(key)` must be a mapping, is \(type.phrase)")
            return nil
        }
        return template
    }

    /// Text with or without `${…}` inside.
    mutating func templateText(
        _ fields: Fields, _ key: String, in context: ExpressionContext
    ) -> Template? {
        guard let member = fields[key], text(fields, key) != nil,
            let (template, type) = template(of: member.value, in: context)
        else { return nil }
        guard type.mayBe(.string) else {
            diagnostics.error(
                .wrongType, at: member.place, "`\(key)` must be text, is \(type.shown)",
                fix: "write words around it, or use string()")
            return nil
        }
        return template
    }

    /// The one `${…}` that a key holds.
    mutating func expression(
        _ member: YAMLMember, in context: ExpressionContext, expected: ExpressionType? = nil
    ) -> CompiledExpression? {
        guard let scalar = member.value.scalar, holdsExpression(member.value) else {
            let fix = member.value.scalar.flatMap {
                isExpression($0.text, in: context) ? "write `${\($0.text)}`" : nil
            }
            reportType(member, expected: "one `${…}`", fix: fix)
            return nil
        }
        guard let parts = parts(of: member.value, scalar) else { return nil }
        guard parts.count == 1, case .expression(let text, let offset) = parts[0] else {
            diagnostics.error(
                .notAnExpression, at: member.place,
                "`\(member.name)` must be one `${…}` and nothing else",
                fix: "put all of it between `${` and `}`")
            return nil
        }
        return compile(text, at: offset, of: member.value, in: context, expected: expected)
    }

    private func isExpression(_ text: String, in context: ExpressionContext) -> Bool {
        guard case .success = ExpressionCompiler.compile(text, in: context) else { return false }
        return true
    }

    private func holdsExpression(_ node: YAMLNode) -> Bool {
        guard let scalar = node.scalar, scalar.resolved == .text else { return false }
        return scalar.text.contains("${")
    }

    private mutating func scalarTemplate(
        of node: YAMLNode, _ scalar: YAMLScalar, in context: ExpressionContext
    ) -> (Template, ExpressionType)? {
        switch scalar.resolved {
        case .null, .notFinite: return (.literal(.null), .null)
        case .bool(let truth): return (.literal(.bool(truth)), .bool)
        case .whole, .number: return (.literal(node.plainValue), .double)
        case .text: break
        }
        guard scalar.text.contains("${") else {
            return (.literal(.string(scalar.text)), .string)
        }
        guard let parts = parts(of: node, scalar) else { return nil }
        if parts.count == 1, case .expression(let text, let offset) = parts[0] {
            return compile(text, at: offset, of: node, in: context)
                .map { (.expression($0.expression), $0.type) }
        }
        return textTemplate(parts, of: node, in: context).map { ($0, .string) }
    }

    private mutating func textTemplate(
        _ parts: [TemplateText.Part], of node: YAMLNode, in context: ExpressionContext
    ) -> Template? {
        var compiled: [Template.Part] = []
        var literal: String? = ""
        var isWhole = true
        for part in parts {
            switch part {
            case .text(let text):
                compiled.append(.text(text))
                literal? += text
            case .expression(let text, let offset):
                literal = nil
                if let expression = compile(text, at: offset, of: node, in: context) {
                    compiled.append(.expression(expression.expression))
                } else {
                    isWhole = false
                }
            }
        }
        if let literal { return .literal(.string(literal)) }
        return isWhole ? .text(compiled) : nil
    }

    private mutating func listTemplate(
        of elements: [YAMLNode], in context: ExpressionContext
    ) -> (Template, ExpressionType)? {
        let templates = elements.map { template(of: $0, in: context) }
        let known = templates.compactMap { $0 }
        guard known.count == elements.count else { return nil }
        let types = Set(known.map(\.type))
        let type = ExpressionType.list(types.count == 1 ? types.first ?? .any : .any)
        let literals = known.compactMap(\.template.literal)
        if literals.count == known.count { return (.literal(.list(literals)), type) }
        return (.list(known.map(\.template)), type)
    }

    private mutating func mapTemplate(
        of members: [YAMLMember], in context: ExpressionContext
    ) -> (Template, ExpressionType)? {
        var known: [Template.Member] = []
        var types: [String: ExpressionType.Field] = [:]
        for member in members {
            guard let (template, type) = template(of: member.value, in: context) else { continue }
            known.append(Template.Member(name: member.name, value: template))
            types[member.name] = .init(type)
        }
        guard known.count == members.count else { return nil }
        let type = ExpressionType.map(fields: types, isOpen: false)
        let literals = known.compactMap { member in
            member.value.literal.map { (member.name, $0) }
        }
        if literals.count == known.count { return (.literal(.map(Members(literals))), type) }
        return (.map(known), type)
    }
}

// Expressions and their places.
extension DefinitionReader {
    private mutating func parts(of node: YAMLNode, _ scalar: YAMLScalar) -> [TemplateText.Part]? {
        do throws(ExpressionIssue) {
            return try TemplateText.parts(of: scalar.text)
        } catch {
            var issue = error
            if isCutByComment(node, scalar) {
                issue.message = "YAML takes the ` #` in this expression for a comment"
                issue.fix = "put the whole value into quotes"
            }
            report(issue, at: 0, of: node)
            return nil
        }
    }

    /// Whether a comment follows a plain scalar on its line.
    private func isCutByComment(_ node: YAMLNode, _ scalar: YAMLScalar) -> Bool {
        guard scalar.style == .plain else { return false }
        let rest = source.scalars(line: node.span.end.line).dropFirst(node.span.end.column - 1)
        return rest.first { $0 != " " && $0 != "\t" } == "#"
    }

    private mutating func compile(
        _ text: String, at offset: Int, of node: YAMLNode, in context: ExpressionContext,
        expected: ExpressionType? = nil
    ) -> CompiledExpression? {
        switch ExpressionCompiler.compile(text, in: context, expected: expected) {
        case .success(let compiled): return compiled
        case .failure(let found):
            for issue in found.issues { report(issue, at: offset, of: node) }
            return nil
        }
    }

    private mutating func report(_ issue: ExpressionIssue, at offset: Int, of node: YAMLNode) {
        let place = source.span(
            of: node, from: offset + issue.offset, length: max(1, issue.length))
        diagnostics.error(
            DiagnosticCode(rawValue: issue.code), at: place, issue.message, fix: issue.fix)
    }
}

extension Template {
    /// The value of a template without expressions, or nil.
    fileprivate var literal: Value? {
        guard case .literal(let value) = self else { return nil }
        return value
    }
}
