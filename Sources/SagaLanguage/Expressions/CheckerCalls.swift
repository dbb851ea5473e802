internal import SagaCore

extension Checker {
    mutating func checkCall(
        _ receiver: Syntax?, _ name: Syntax.Name, _ arguments: [Syntax], at range: Range<Int>
    ) -> Checked {
        if name.text == "has", receiver == nil { return checkHas(arguments, at: range) }
        if let macro = Expression.Comprehension(rawValue: name.text) {
            return checkMacro(macro, receiver, name, arguments)
        }
        guard let function = Expression.Function(rawValue: name.text) else {
            return refuseFunction(receiver, name)
        }
        guard isWrittenRight(function, receiver, name, arguments) else { return .unknown }
        let syntaxes = (receiver.map { [$0] } ?? []) + arguments
        let operands = syntaxes.map { check($0) }
        guard function.argumentCounts.contains(operands.count) else {
            return refuseCount(function, name)
        }
        guard let type = callType(function, name, operands, syntaxes) else { return .unknown }
        var expressions = operands.map(\.expression)
        if function == .sum { expressions.append(zero(of: type)) }
        return Checked(.call(function, expressions), type)
    }

    /// Whether a call has its receiver where the function has one, which is reported otherwise.
    private mutating func isWrittenRight(
        _ function: Expression.Function, _ receiver: Syntax?, _ name: Syntax.Name,
        _ arguments: [Syntax]
    ) -> Bool {
        let written = name.text
        if receiver == nil, !function.isGlobal {
            let example = arguments.first.map { text($0.range) } ?? "x"
            let rest = arguments.dropFirst().map { text($0.range) }.joined(separator: ", ")
            refuse(
                name.range, "wrong-arguments", "\(written)() is written after its value",
                fix: "write \(example).\(written)(\(rest))")
            return false
        }
        if let receiver, !function.isMethod {
            refuse(
                name.range, "wrong-arguments", "\(written)() is written around its value",
                fix: "write \(written)(\(text(receiver.range)))")
            return false
        }
        return true
    }

    private mutating func refuseCount(
        _ function: Expression.Function, _ name: Syntax.Name
    ) -> Checked {
        refuse(
            name.range, "wrong-arguments", "\(name.text)() is given too few or too many values",
            fix: "write \(function.form)")
    }

    /// What `sum` gives for an empty list, so that its type does not depend on the elements.
    private func zero(of type: ExpressionType) -> Expression {
        switch type {
        case .int: .literal(.int(0))
        case .duration: .literal(.duration(.zero))
        case .any, .null, .bool, .double, .string, .timestamp, .list, .map: .literal(.double(0))
        }
    }

    private mutating func callType(
        _ function: Expression.Function, _ name: Syntax.Name, _ operands: [Checked],
        _ syntaxes: [Syntax]
    ) -> ExpressionType? {
        let type = operands[0].type
        switch function {
        case .sum, .min, .max: return aggregateType(function, type, name)
        case .join:
            guard type.mayBe(.list(.any)), type.element.mayBe(.string) else {
                refuseOperand(function, type, syntaxes[0], "a list of strings")
                return nil
            }
        case .size, .int, .double, .string, .contains, .startsWith, .endsWith, .timestamp,
            .duration:
            guard function.takes.contains(where: { type.mayBe($0) }) else {
                let wanted = alternatives(function.takes.map(\.shown))
                refuseOperand(function, type, syntaxes[0], wanted)
                return nil
            }
        }
        if operands.count > 1, !operands[1].type.mayBe(.string) {
            refuseOperand(function, operands[1].type, syntaxes[1], "a string")
            return nil
        }
        return function.resultType
    }

    private mutating func refuseOperand(
        _ function: Expression.Function, _ type: ExpressionType, _ syntax: Syntax, _ wanted: String
    ) {
        let found: String =
            if case .list(let element) = type, wanted.hasPrefix("a list of"), element != .any {
                "a list whose elements are \(element.shown)"
            } else {
                type.shown
            }
        refuse(
            syntax.range, "wrong-type",
            "\(function.rawValue)() takes \(wanted), but this is \(found)")
    }

    private mutating func aggregateType(
        _ function: Expression.Function, _ list: ExpressionType, _ name: Syntax.Name
    ) -> ExpressionType? {
        let element = list.element
        let isList = list.mayBe(.list(.any))
        let isSummed = element.mayBeNumber || element == .duration
        if isList, function == .sum ? isSummed : element.mayCompare(with: element) {
            return element
        }
        let wanted = function == .sum ? "numbers or durations" : "values that '<' can compare"
        let found = isList ? "its elements are \(element.shown)" : "this is \(list.shown)"
        refuse(
            name.range, "wrong-type",
            "\(function.rawValue)() takes a list of \(wanted), but \(found)",
            fix: element.isMap
                ? "take one member of each first: .map(x, x.NAME).\(function.rawValue)()" : nil)
        return nil
    }

    private mutating func refuseFunction(_ receiver: Syntax?, _ name: Syntax.Name) -> Checked {
        let isKnownToCEL = Self.otherFunctions.contains(name.text)
        if case .name(let space)? = receiver?.kind, Self.namespaces.contains(space),
            !namesInScope.contains(space)
        {
            return refuse(
                name.range, "not-in-subset",
                "\(space).\(name.text)() is not in the saga language's subset of CEL",
                fix: Self.functionsFix)
        }
        if let receiver { _ = check(receiver) }
        if isKnownToCEL {
            return refuse(
                name.range, "not-in-subset",
                "\(name.text)() is CEL, but not in the saga language's subset",
                fix: Self.functionsFix)
        }
        let near = Self.synonyms[name.text] ?? nearest(to: name.text, among: Self.functionNames)
        return refuse(
            name.range, "unknown-function", "there is no function '\(name.text)'",
            fix: near.map { "did you mean \($0)?" } ?? Self.functionsFix)
    }
}

/// Texts as a sentence has them: `a, b or c`.
private func alternatives(_ texts: [String]) -> String {
    guard let last = texts.last, texts.count > 1 else { return texts.joined() }
    return "\(texts.dropLast().joined(separator: ", ")) or \(last)"
}

extension ExpressionType {
    /// The type of a list's elements; `any` of anything else.
    var element: ExpressionType {
        if case .list(let element) = self { return element }
        return .any
    }

    fileprivate var isMap: Bool {
        if case .map = self { return true }
        return false
    }
}
