internal import SagaCore

extension Checker {
    mutating func checkMember(_ name: Syntax.Name, of operand: Syntax) -> Checked {
        if let special = checkLanguagePart(name, of: operand) { return special }
        let container = check(operand)
        guard let type = memberType(name, of: container.type) else { return .unknown }
        return Checked(.field(container.expression, name.text), type)
    }

    mutating func checkIndex(_ index: Syntax, of operand: Syntax) -> Checked {
        let name = literalName(index)
        if let name, let special = checkLanguagePart(name, of: operand) { return special }
        let container = check(operand)
        let place = check(index)
        let expression = Expression.index(container.expression, place.expression)
        switch container.type {
        case .any: return Checked(expression, .any)
        case .list(let element):
            guard place.type.mayBeNumber else {
                return refuse(
                    index.range, "wrong-type",
                    "a list's index must be an int, but this is \(place.type.shown)")
            }
            return Checked(expression, element)
        case .map:
            guard place.type.mayBe(.string) else {
                return refuse(
                    index.range, "wrong-type",
                    "a map's keys are strings, but this is \(place.type.shown)",
                    fix: "write the key in quotes")
            }
            guard let name else { return Checked(expression, .any) }
            guard let type = memberType(name, of: container.type) else { return .unknown }
            return Checked(expression, type)
        case .null, .bool, .int, .double, .string, .timestamp, .duration:
            return refuse(
                index.range, "wrong-type", "\(container.type.shown) cannot be indexed",
                fix: "only lists and maps can")
        }
    }

    /// `has(operand.name)`: the whole call's value.
    mutating func checkHas(_ arguments: [Syntax], at range: Range<Int>) -> Checked {
        guard arguments.count == 1, case .member(let operand, let name) = arguments[0].kind else {
            return refuse(
                range, "wrong-arguments", "has() asks for one member, as in has(input.note)",
                fix: arguments.first.flatMap { hasFix($0) })
        }
        if isLanguageName(operand, "saga") {
            let part = checkSagaPart(name)
            guard case .variable(let variable) = part.expression else { return .unknown }
            return Checked(.hasVariable(variable), .bool)
        }
        if let step = stepName(operand) { return checkStepPart(name, of: step, isAsked: true) }
        if let step = stepName(arguments[0]) { return refuseBareStep(step) }
        let container = check(operand)
        guard memberType(name, of: container.type) != nil else { return .unknown }
        return Checked(.hasField(container.expression, name.text), .bool)
    }

    private func hasFix(_ argument: Syntax) -> String? {
        switch argument.kind {
        case .index(let operand, let index): "write \(text(index.range)) in \(text(operand.range))"
        case .name(let name): "'\(name)' always has a value where it may be written"
        case .literal, .list, .map, .member, .call, .unary, .binary, .conditional: nil
        }
    }

    /// A member of `saga`, `steps` or a step; nil for a member of any other value.
    private mutating func checkLanguagePart(_ name: Syntax.Name, of operand: Syntax) -> Checked? {
        if isLanguageName(operand, "saga") { return checkSagaPart(name) }
        if let step = stepName(operand) { return checkStepPart(name, of: step, isAsked: false) }
        if isLanguageName(operand, "steps") { return refuseBareStep(name) }
        return nil
    }

    private mutating func refuseBareStep(_ step: Syntax.Name) -> Checked {
        let name = "steps.\(step.text)"
        let isList = context.steps?[step.text]?.resultsType != nil
        return refuse(
            step.range, "incomplete-name", "\(name) is no value by itself",
            fix: isList ? "write \(name).results" : "write \(name).outcome or \(name).result")
    }

    private func literalName(_ index: Syntax) -> Syntax.Name? {
        guard case .literal(.string(let text)) = index.kind else { return nil }
        return Syntax.Name(text: text, range: index.range)
    }

    /// The type of a member, or nil where there can be none, which is reported.
    private mutating func memberType(
        _ name: Syntax.Name, of container: ExpressionType
    ) -> ExpressionType? {
        switch container {
        case .any: return .any
        case .map(let fields, let isOpen):
            if let field = fields[name.text] { return field.type }
            if isOpen { return .any }
            refuseMember(name, among: fields.keys.sorted())
            return nil
        case .list:
            refuse(
                name.range, "wrong-type", "a list has no member '\(name.text)'",
                fix:
                    "take an element, as in [0], or go over all with .map(x, x.\(name.text))"
            )
            return nil
        case .null, .bool, .int, .double, .string, .timestamp, .duration:
            refuse(
                name.range, "wrong-type",
                "\(container.shown) has no member '\(name.text)': it is no map")
            return nil
        }
    }

    private mutating func refuseMember(_ name: Syntax.Name, among known: [String]) {
        let has =
            known.isEmpty
            ? "it has none" : "it has \(known.joined(separator: ", "))"
        refuse(
            name.range, "unknown-field", "there is no member '\(name.text)' here",
            fix: nearest(to: name.text, among: known).map { "did you mean \($0)?" } ?? has)
    }
}
