internal import SagaCore

// Keywords that hold schemas.
extension SchemaReader {
    mutating func readMembers(of node: YAMLNode, depth: Int) -> [Schema.Assertion] {
        var rules = Schema.MemberRules(known: [])
        if let properties = node.member("properties") {
            guard let members = properties.value.members else {
                reportType(properties, "a mapping of names to schemas")
                return []
            }
            rules.known = members.map {
                Schema.Member(name: $0.name, schema: read($0.value, depth: depth + 1))
            }
        }
        if let others = node.member("additionalProperties") {
            let schema = read(others.value, depth: depth + 1)
            rules.others = schema == .nothing ? nil : schema
        }
        return [.members(rules)]
    }

    mutating func readItems(_ member: YAMLMember, depth: Int) -> [Schema.Assertion] {
        guard member.value.elements == nil else {
            report(
                member.place, "`items` is one schema for every element, not a list",
                fix: "give elements of different kinds names, as members of an object")
            return []
        }
        return [.items(read(member.value, depth: depth + 1))]
    }

    mutating func readList(_ member: YAMLMember, depth: Int) -> [Schema]? {
        guard let elements = member.value.elements, !elements.isEmpty else {
            reportType(member, "a list of schemas, not empty")
            return nil
        }
        return elements.map { read($0, depth: depth + 1) }
    }
}

// Keywords that hold values.
extension SchemaReader {
    mutating func reportType(_ member: YAMLMember, _ expected: String) {
        report(member.place, "`\(member.name)` must be \(expected), is \(member.value.phrase)")
    }

    mutating func readType(_ member: YAMLMember) -> [Schema.Assertion] {
        let nodes = member.value.elements ?? [member.value]
        guard !nodes.isEmpty else {
            reportType(member, "a type or a list of types")
            return []
        }
        var types: [Schema.InstanceType] = []
        for node in nodes {
            let text = node.scalar?.text ?? ""
            if let type = Schema.InstanceType(rawValue: text) {
                if !types.contains(type) { types.append(type) }
            } else {
                let names = Schema.InstanceType.allCases.map(\.rawValue)
                report(
                    node.scalar == nil ? member.place : node.span,
                    "`type` must be one of \(names.map { "`\($0)`" }.joined(separator: ", ")),"
                        + " is \(node.phrase)",
                    fix: nearest(to: text, among: names).map { "did you mean `\($0)`?" })
            }
        }
        return types.isEmpty ? [] : [.type(types)]
    }

    mutating func readEnumeration(_ member: YAMLMember) -> [Schema.Assertion] {
        guard let elements = member.value.elements, !elements.isEmpty else {
            reportType(member, "a list of values, not empty")
            return []
        }
        return [.oneOfValues(elements.map(\.plainValue))]
    }

    mutating func readRequired(_ member: YAMLMember, of node: YAMLNode) -> [Schema.Assertion] {
        guard let elements = member.value.elements else {
            reportType(member, "a list of names")
            return []
        }
        var names: [String] = []
        let known = node["properties"]?.members?.map(\.name) ?? []
        let isClosed = node["additionalProperties"]?.scalar?.resolved == .bool(false)
        for element in elements {
            guard let name = element.scalar?.text, !name.isEmpty else {
                report(element.firstPlace, "`required` has names, not \(element.phrase)")
                continue
            }
            if isClosed, !known.contains(name) {
                report(
                    element.span, "nothing fits: `\(name)` is required and not among `properties`",
                    fix: nearest(to: name, among: known).map { "did you mean `\($0)`?" })
            }
            if !names.contains(name) { names.append(name) }
        }
        return names.isEmpty ? [] : [.required(names)]
    }

    mutating func readUnique(_ member: YAMLMember) -> [Schema.Assertion] {
        guard case .bool(let truth) = member.value.scalar?.resolved else {
            reportType(member, "`true` or `false`")
            return []
        }
        return truth ? [.uniqueItems] : []
    }

    mutating func readMultiple(_ member: YAMLMember) -> [Schema.Assertion] {
        guard let number = number(member) else { return [] }
        guard number > 0 else {
            report(member.place, "`multipleOf` must be above 0")
            return []
        }
        return [.multipleOf(number)]
    }

    mutating func readFormat(_ member: YAMLMember) -> [Schema.Assertion] {
        let text = member.value.scalar?.text ?? ""
        if let format = Schema.Format(rawValue: text) { return [.format(format)] }
        let names = Schema.Format.allCases.map(\.rawValue)
        report(
            member.place,
            "`format` must be one that sagad checks, \(choice(names)), is \(member.value.phrase)",
            fix: nearest(to: text, among: names).map { "did you mean `\($0)`?" }
                ?? "leave it out, and say it in `description`")
        return []
    }

    /// A whole number from 0.
    mutating func count(_ member: YAMLMember) -> Int? {
        guard case .whole(let number) = member.value.scalar?.resolved,
            (0...2_147_483_647).contains(number)
        else {
            reportType(member, "a whole number from 0")
            return nil
        }
        return Int(number)
    }

    mutating func number(_ member: YAMLMember) -> Double? {
        switch member.value.scalar?.resolved {
        case .whole(let number): return Double(number)
        case .number(let number): return number
        case .null, .bool, .notFinite, .text, nil:
            reportType(member, "a number")
            return nil
        }
    }
}

extension YAMLNode {
    /// The member of that name in a mapping, or nil.
    func member(_ name: String) -> YAMLMember? { members?.first { $0.name == name } }
}
