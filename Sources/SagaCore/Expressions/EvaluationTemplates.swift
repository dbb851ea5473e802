extension Template {
    /// The template's value with the variables of a scope; every number in it is finite.
    ///
    /// Throws what its expressions throw, and where one gives a number that is not finite, which
    /// JSON cannot hold.
    package func evaluate(in scope: some Scope) throws(ExpressionError) -> Value {
        switch self {
        case .literal(let value): return value
        case .expression(let expression): return try expression.evaluateFinite(in: scope)
        case .text(let parts): return .string(try Self.text(of: parts, in: scope))
        case .list(let elements):
            var values: [Value] = []
            values.reserveCapacity(elements.count)
            for element in elements { values.append(try element.evaluate(in: scope)) }
            return .list(values)
        case .map(let templates):
            var members = Members()
            for member in templates { members[member.name] = try member.value.evaluate(in: scope) }
            return .map(members)
        }
    }

    /// As ``evaluate(in:)``, but a member of a map template that fails is `null` and reported.
    ///
    /// Only the top-level members stand for themselves. A template that is no map fails as a whole:
    /// the value is then an empty map, and the failure's name is empty.
    package func evaluateMembers(
        in scope: some Scope
    ) -> (value: Value, failures: [(name: String, message: String)]) {
        var failures: [(name: String, message: String)] = []
        guard case .map(let templates) = self else {
            do throws(ExpressionError) {
                return (try evaluate(in: scope), failures)
            } catch {
                return (.map(Members()), [("", error.message)])
            }
        }
        var members = Members()
        for member in templates {
            do throws(ExpressionError) {
                members[member.name] = try member.value.evaluate(in: scope)
            } catch {
                members[member.name] = .null
                failures.append((member.name, error.message))
            }
        }
        return (.map(members), failures)
    }

    private static func text(
        of parts: [Part], in scope: some Scope
    ) throws(ExpressionError) -> String {
        var text = ""
        for part in parts {
            switch part {
            case .text(let plain): text += plain
            case .expression(let expression):
                text += try expression.evaluateFinite(in: scope).plainText
            }
        }
        return text
    }
}

extension Expression {
    /// The value, in which every number is one that JSON can hold.
    fileprivate func evaluateFinite(in scope: some Scope) throws(ExpressionError) -> Value {
        var evaluator = Evaluator(scope: scope)
        let value = try evaluator.value(of: self)
        if evaluator.hasMetNonFinite, let number = value.firstNonFinite {
            throw ExpressionError(
                "the result holds \(number.text), which is no number that JSON can hold")
        }
        return value
    }
}

extension Value {
    fileprivate var firstNonFinite: Double? {
        switch self {
        case .double(let number): number.isFinite ? nil : number
        case .list(let elements): elements.lazy.compactMap(\.firstNonFinite).first
        case .map(let members): members.lazy.compactMap(\.value.firstNonFinite).first
        case .null, .bool, .int, .string, .timestamp, .duration: nil
        }
    }
}
