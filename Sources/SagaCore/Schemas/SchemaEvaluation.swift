/// One evaluation of a schema: where it stands and what it has found.
struct SchemaEvaluation {
    /// The most violations that are kept; evaluation stops there.
    let limit: Int
    /// What was found so far.
    var violations: [SchemaViolation] = []
    private var path = SchemaPath()

    init(limit: Int) { self.limit = max(1, limit) }

    /// Whether as much was found as is asked for.
    private var isFull: Bool { violations.count >= limit }

    mutating func check(_ value: Value, against schema: Schema) {
        for assertion in schema.assertions where !isFull { check(value, assertion) }
    }

    private mutating func check(_ value: Value, _ assertion: Schema.Assertion) {
        switch assertion {
        case .never: report("must not be present")
        case .type(let types): check(value, isAnyOf: types)
        case .oneOfValues(let values): check(value, isOneOf: values)
        case .members(let rules): checkMembers(value, rules)
        case .required(let names): checkNames(value, names)
        case .items(let schema): checkItems(value, schema)
        case .minItems, .maxItems, .uniqueItems: checkElements(value, assertion)
        case .minimum, .maximum, .exclusiveMinimum, .exclusiveMaximum, .multipleOf:
            checkNumber(value, assertion)
        case .minLength, .maxLength, .format: checkText(value, assertion)
        case .allOf(let schemas): for schema in schemas { check(value, against: schema) }
        case .anyOf(let schemas): checkAny(value, schemas)
        case .oneOf(let schemas): checkOne(value, schemas)
        case .not(let schema):
            if schema.accepts(value) { report("must not fit the schema of `not`, but does") }
        }
    }

    private mutating func report(_ message: String) {
        guard !isFull else { return }
        violations.append(SchemaViolation(pointer: path.pointer, message: message))
    }

    private mutating func checkMembers(_ value: Value, _ rules: Schema.MemberRules) {
        guard case .map(let members) = value else { return }
        for member in members where !isFull {
            path.enter(member.name)
            if let schema = rules[member.name] ?? rules.others {
                check(member.value, against: schema)
            } else {
                report("must not be present: no member of that name is known here")
            }
            path.leave()
        }
    }

    private mutating func checkNames(_ value: Value, _ names: [String]) {
        guard case .map(let members) = value else { return }
        for name in names where members[name] == nil {
            path.enter(name)
            report("must be present, is missing")
            path.leave()
        }
    }

    private mutating func checkItems(_ value: Value, _ schema: Schema) {
        guard case .list(let elements) = value else { return }
        for (place, element) in elements.enumerated() where !isFull {
            path.enter(place)
            check(element, against: schema)
            path.leave()
        }
    }

    private mutating func checkElements(_ value: Value, _ assertion: Schema.Assertion) {
        guard case .list(let elements) = value else { return }
        let found = elements.count
        if case .minItems(let fewest) = assertion, found < fewest {
            report("must have at least \(counted(fewest, "element")), has \(found)")
        } else if case .maxItems(let most) = assertion, found > most {
            report("must have at most \(counted(most, "element")), has \(found)")
        } else if case .uniqueItems = assertion {
            checkUnique(elements)
        }
    }

    private mutating func checkUnique(_ elements: [Value]) {
        var places: [Value: Int] = [:]
        for (place, element) in elements.enumerated() {
            guard let first = places.updateValue(place, forKey: element) else { continue }
            path.enter(place)
            report("must differ from every other element, is the same as element \(first)")
            path.leave()
        }
    }

    private mutating func checkAny(_ value: Value, _ schemas: [Schema]) {
        guard !schemas.contains(where: { $0.accepts(value) }) else { return }
        report("must fit one of \(schemas.count) alternatives\(nearMiss(value, schemas))")
    }

    private mutating func checkOne(_ value: Value, _ schemas: [Schema]) {
        let fitting = schemas.indices.filter { schemas[$0].accepts(value) }
        switch fitting.count {
        case 1: break
        case 0:
            report(
                "must fit exactly one of \(schemas.count) alternatives\(nearMiss(value, schemas))")
        default:
            let numbers = fitting.map { String($0 + 1) }.joined(separator: ", ")
            report(
                "must fit exactly one of \(schemas.count) alternatives, fits number \(numbers)")
        }
    }

    /// Why the alternative that came closest does not fit: the one with the fewest violations.
    private func nearMiss(_ value: Value, _ schemas: [Schema]) -> String {
        let misses = schemas.indices.map { ($0 + 1, schemas[$0].violations(of: value, limit: 10)) }
        guard let closest = misses.min(by: { $0.1.count < $1.1.count }),
            let violation = closest.1.first
        else { return "" }
        return ", fits none; number \(closest.0) says \(violation)"
    }
}

// Checks of one scalar.
extension SchemaEvaluation {
    private mutating func check(_ value: Value, isAnyOf types: [Schema.InstanceType]) {
        guard !types.contains(where: { value.isInstance(of: $0) }) else { return }
        let expected = types.map(\.phrase).joined(separator: " or ")
        report("must be \(expected), is \(value.phrase)")
    }

    private mutating func check(_ value: Value, isOneOf values: [Value]) {
        guard !values.contains(value) else { return }
        let expected = values.prefix(20).map(\.quoted).joined(separator: ", ")
        let more = values.count > 20 ? ", …" : ""
        let words = values.count == 1 ? "must be \(expected)" : "must be one of \(expected)\(more)"
        report("\(words), is \(value.quoted)")
    }

    private mutating func checkNumber(_ value: Value, _ assertion: Schema.Assertion) {
        guard let number = value.number else { return }
        if case .minimum(let bound) = assertion, number < bound {
            report("must be at least \(digits(bound)), is \(digits(number))")
        } else if case .maximum(let bound) = assertion, number > bound {
            report("must be at most \(digits(bound)), is \(digits(number))")
        } else if case .exclusiveMinimum(let bound) = assertion, number <= bound {
            report("must be above \(digits(bound)), is \(digits(number))")
        } else if case .exclusiveMaximum(let bound) = assertion, number >= bound {
            report("must be below \(digits(bound)), is \(digits(number))")
        } else if case .multipleOf(let unit) = assertion, !number.isDecimalMultiple(of: unit) {
            report("must be a multiple of \(digits(unit)), is \(digits(number))")
        }
    }

    private mutating func checkText(_ value: Value, _ assertion: Schema.Assertion) {
        guard case .string(let text) = value else { return }
        if case .format(let format) = assertion {
            guard !format.accepts(text) else { return }
            return report("must be \(format.phrase), is \(value.quoted)")
        }
        let found = text.unicodeScalars.count
        if case .minLength(let fewest) = assertion, found < fewest {
            report("must have at least \(counted(fewest, "character")), has \(found)")
        } else if case .maxLength(let most) = assertion, found > most {
            report("must have at most \(counted(most, "character")), has \(found)")
        }
    }
}

private func counted(_ count: Int, _ word: String) -> String {
    count == 1 ? "1 \(word)" : "\(count) \(word)s"
}

private func digits(_ number: Double) -> String { Value.double(number).jsonText }
