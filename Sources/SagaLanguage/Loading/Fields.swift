internal import SagaCore

/// The members of one mapping that its table knows.
struct Fields {
    let table: KeyTable
    /// Where the mapping is named; what it lacks is reported there.
    let owner: YAMLSpan
    fileprivate let members: [String: YAMLMember]

    /// The member of that key, which the table has.
    subscript(key: String) -> YAMLMember? {
        precondition(
            table.keys.contains { $0.name == key }, "\(table.subject) has no key \(key).")
        return members[key]
    }
}

extension YAMLMember {
    /// Where its value stands; where there is none, or it runs over lines, where it is named.
    var place: YAMLSpan {
        switch value.content {
        case .scalar(let scalar): scalar.text.isEmpty ? nameSpan : value.span
        case .sequence, .mapping: nameSpan
        }
    }
}

// Mappings.
extension DefinitionReader {
    /// The members of a mapping by its table; what does not belong there is reported.
    mutating func fields(of member: YAMLMember, _ name: KeyTable.Name) -> Fields? {
        fields(of: member.value, name, owner: member.nameSpan)
    }

    /// The members of a mapping by its table; nil where it is none.
    ///
    /// Of a node of a kind, keys of other kinds are told apart from unknown ones. What is missing
    /// of `without` has been reported.
    mutating func fields(
        of node: YAMLNode, _ name: KeyTable.Name, owner: YAMLSpan, as kind: NodeKind? = nil,
        without reported: Set<String> = []
    ) -> Fields? {
        let table = KeyTable.named(name)
        guard let members = node.members else {
            let keys = table.keys.prefix(3).map { "`\($0.name)`" }.joined(separator: ", ")
            diagnostics.error(
                .wrongType, at: node.isNull ? owner : node.firstPlace,
                "\(table.subject) must be a mapping, is \(node.phrase)",
                fix: "write keys such as \(keys)")
            return nil
        }
        let known = Set(table.keys.map(\.name))
        var found: [String: YAMLMember] = [:]
        var misspelt = reported
        for member in members {
            if known.contains(member.name) {
                found[member.name] = member
            } else if let kind, reportForeign(member, kind, table) {
                continue
            } else if let meant = reportUnknown(member, in: table) {
                misspelt.insert(meant)
            }
        }
        for key in table.keys
        where key.isRequired && found[key.name] == nil && !misspelt.contains(key.name) {
            diagnostics.error(
                .missingKey, at: owner, "\(table.subject) must have `\(key.name)`",
                fix: "add `\(key.name)`: \(key.documentation)")
        }
        return Fields(table: table, owner: owner, members: found)
    }

    /// Reports a key that other kinds of node have; answers whether it is one.
    private mutating func reportForeign(
        _ member: YAMLMember, _ kind: NodeKind, _ table: KeyTable
    ) -> Bool {
        guard let reason = kind.reasonAgainst(member.name) else { return false }
        guard NodeKind(rawValue: member.name) == nil else {
            diagnostics.error(
                .conflictingKeys, at: member.nameSpan,
                "a node does one thing: `\(kind.key)` and `\(member.name)` exclude each other",
                fix: "make two nodes of it")
            return true
        }
        diagnostics.error(
            .keyNotHere, at: member.nameSpan,
            "\(table.subject) has no `\(member.name)`: \(reason)", fix: "remove it")
        return true
    }

    /// Reports a key that the table does not have; answers the one that was most likely meant.
    private mutating func reportUnknown(_ member: YAMLMember, in table: KeyTable) -> String? {
        let known = table.keys.map(\.name)
        let near = nearest(to: member.name, among: known)
        let fix =
            if member.name == "<<" {
                "YAML 1.2 has no merge key: write the members out"
            } else if let near {
                "did you mean `\(near)`?"
            } else {
                "known here: " + known.map { "`\($0)`" }.joined(separator: ", ")
            }
        diagnostics.error(
            .unknownKey, at: member.nameSpan,
            "\(table.subject) has no key `\(shortened(member.name))`", fix: fix)
        return near
    }
}

extension YAMLNode {
    /// Where a node begins; a scalar as a whole.
    var firstPlace: YAMLSpan {
        switch content {
        case .scalar: span
        case .sequence, .mapping: YAMLSpan(span.start, length: 1)
        }
    }
}

// Scalars.
extension DefinitionReader {
    /// Reports a value of another type than the key takes.
    mutating func reportType(_ member: YAMLMember, expected: String, fix: String? = nil) {
        diagnostics.error(
            .wrongType, at: member.place,
            "`\(member.name)` must be \(expected), is \(member.value.phrase)", fix: fix)
    }

    /// Text; a number or a truth value must be put into quotes to be text.
    mutating func text(_ fields: Fields, _ key: String) -> String? {
        guard let member = fields[key] else { return nil }
        guard let scalar = member.value.scalar, scalar.resolved == .text else {
            let isScalar = member.value.scalar.map { !$0.text.isEmpty } ?? false
            reportType(
                member, expected: "text",
                fix: isScalar ? "put it into quotes" : nil)
            return nil
        }
        return scalar.text
    }

    /// Text that keeps a rule.
    mutating func name(_ fields: Fields, _ key: String, _ rule: NameRule) -> String? {
        guard let member = fields[key], let text = text(fields, key) else { return nil }
        guard checkName(text, rule, at: member.place) else { return nil }
        return text
    }

    /// Whether a name keeps a rule; one that does not is reported.
    mutating func checkName(_ name: String, _ rule: NameRule, at place: YAMLSpan) -> Bool {
        guard !rule.accepts(name) else { return true }
        diagnostics.error(
            .badName, at: place,
            "`\(shortened(name))` is no \(rule.noun): it must be \(rule.phrase)",
            fix: rule.suggestion(for: name).map { "write `\($0)`" })
        return false
    }

    /// A whole number in the range that the table has.
    mutating func whole(_ fields: Fields, _ key: String) -> Int? {
        guard let member = fields[key] else { return nil }
        guard case .whole(let range)? = fields.table.keys.first(where: { $0.name == key })?.kind
        else { preconditionFailure("\(fields.table.subject) has no whole number \(key).") }
        guard case .whole(let number) = member.value.scalar?.resolved else {
            let isQuoted = member.value.scalar.map { Int64($0.text) != nil } ?? false
            reportType(
                member, expected: "a whole number", fix: isQuoted ? "leave out the quotes" : nil)
            return nil
        }
        guard let number = Int(exactly: number), range.contains(number) else {
            diagnostics.error(
                .outOfRange, at: member.place,
                "`\(key)` must be from \(range.lowerBound) to \(range.upperBound), is \(number)")
            return nil
        }
        return number
    }

    mutating func number(_ fields: Fields, _ key: String, atLeast bound: Double) -> Double? {
        guard let member = fields[key] else { return nil }
        let number: Double
        switch member.value.scalar?.resolved {
        case .whole(let whole): number = Double(whole)
        case .number(let double): number = double
        case .null, .bool, .notFinite, .text, nil:
            reportType(member, expected: "a number")
            return nil
        }
        guard number >= bound, number <= 1000 else {
            diagnostics.error(
                .outOfRange, at: member.place,
                "`\(key)` must be from \(Value.double(bound).jsonText) to 1000, is"
                    + " \(Value.double(number).jsonText)")
            return nil
        }
        return number
    }

    mutating func flag(_ fields: Fields, _ key: String) -> Bool? {
        guard let member = fields[key] else { return nil }
        guard case .bool(let truth) = member.value.scalar?.resolved else {
            reportType(
                member, expected: "`true` or `false`",
                fix: member.value.scalar?.resolved == .text
                    ? "YAML 1.2 knows only `true` and `false`, without quotes" : nil)
            return nil
        }
        return truth
    }

    mutating func duration(
        _ fields: Fields, _ key: String, allowsZero: Bool = false
    ) -> Duration? {
        guard let member = fields[key] else { return nil }
        guard let scalar = member.value.scalar, !scalar.text.isEmpty else {
            reportType(member, expected: "a duration such as `10s`")
            return nil
        }
        switch DurationText.parse(scalar.text) {
        case .success(.zero) where !allowsZero:
            diagnostics.error(.outOfRange, at: member.place, "`\(key)` must be above 0")
            return nil
        case .success(let duration): return duration
        case .failure(let problem):
            diagnostics.error(.badDuration, at: member.place, problem.message, fix: problem.fix)
            return nil
        }
    }

    /// One of a few words.
    mutating func word<Word: RawRepresentable>(
        _ fields: Fields, _ key: String, among words: [Word]
    ) -> Word? where Word.RawValue == String {
        guard let member = fields[key] else { return nil }
        let names = words.map(\.rawValue)
        guard let scalar = member.value.scalar, !scalar.text.isEmpty else {
            reportType(member, expected: choice(names))
            return nil
        }
        if let word = words.first(where: { $0.rawValue == scalar.text }) { return word }
        reportUnknownWord(member, among: names)
        return nil
    }

    mutating func reportUnknownWord(
        _ member: YAMLMember, among names: [String], or mapping: String? = nil
    ) {
        let near = nearest(to: member.value.scalar?.text ?? "", among: names)
        let expected = choice(names) + (mapping.map { " or \($0)" } ?? "")
        diagnostics.error(
            .unknownWord, at: member.place,
            "`\(member.name)` must be \(expected), is \(member.value.phrase)",
            fix: near.map { "did you mean `\($0)`?" })
    }
}

/// Words to choose from, for people.
func choice(_ names: [String]) -> String {
    names.map { "`\($0)`" }.joined(separator: " or ")
}
