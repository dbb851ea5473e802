import SagaLanguage

/// Reads the YAML file of settings: mappings by the parts of a key, with a value at its end.
///
/// Everything that is not a known setting is a problem with its line and column: an unknown key, a
/// key given twice, a list where one value belongs.
struct SettingsFile {
    private(set) var layer = SettingsLayer(name: "file")
    private(set) var problems: [SettingsProblem] = []

    private let path: String

    /// Reads the bytes of the file.
    ///
    /// - Parameter path: how the file is called in problems.
    init(path: String, bytes: [UInt8]) {
        self.path = path
        guard let text = String(validating: bytes, as: UTF8.self) else {
            problems.append(
                SettingsProblem(
                    place: .wholeFile(path), expected: "text in UTF-8", found: "other bytes",
                    advice: "Save it as UTF-8."))
            return
        }
        let (document, diagnostics) = YAMLReader.read(SourceText(file: path, text: text))
        // A file in which everything is a comment is a file all the same.
        problems = diagnostics.filter { $0.code != .emptyFile }.map(SettingsProblem.init)
        guard let document, !document.isNull else { return }
        guard let members = document.members else {
            add(
                at: document.span.start, expected: "a mapping of settings",
                found: Self.phrase(document),
                advice: "Write lines such as `http: {listen: \"127.0.0.1:3000\"}`.")
            return
        }
        for member in members { readGroup(member) }
    }

    private static let rows = Dictionary(
        uniqueKeysWithValues: SettingsTable.rows.map { ($0.key, $0) })
    /// The first parts of all keys; no key has more than two parts.
    private static let groups = Set(SettingsTable.rows.map(\.group))

    private mutating func readGroup(_ group: YAMLMember) {
        guard Self.groups.contains(group.name) else {
            addUnknown(group, name: group.name, among: Self.groups.sorted())
            return
        }
        guard let members = group.value.members else {
            add(
                at: group.value.span.start, expected: "the settings below `\(group.name)`",
                found: Self.phrase(group.value),
                advice: "Write them indented on lines of their own.")
            return
        }
        for member in members {
            if let row = Self.rows["\(group.name).\(member.name)"], !member.name.contains(".") {
                read(row, from: member.value)
            } else {
                addUnknown(
                    member, name: "\(group.name).\(member.name)", among: Self.rows.keys.sorted())
            }
        }
    }

    private mutating func read(_ row: SettingRow, from value: YAMLNode) {
        let place = place(value.span.start)
        if let scalar = value.scalar, !value.isNull {
            let texts = row.isList ? CommaList.parse(scalar.text) : [scalar.text]
            layer.entries[row.key] = SettingsLayer.Entry(texts: texts, place: place)
        } else if row.isList, let elements = value.elements {
            let texts = elements.compactMap { text(of: $0, for: row) }
            layer.entries[row.key] = SettingsLayer.Entry(texts: texts, place: place)
        } else {
            problems.append(
                SettingsProblem(
                    place: place, key: row.key, expected: row.expects, found: Self.phrase(value),
                    advice: row.adviceToCorrect))
        }
    }

    private mutating func text(of element: YAMLNode, for row: SettingRow) -> String? {
        if let scalar = element.scalar, !element.isNull { return scalar.text }
        problems.append(
            SettingsProblem(
                place: place(element.span.start), key: row.key,
                expected: "one text for each entry", found: Self.phrase(element),
                advice: row.adviceToCorrect))
        return nil
    }

    private mutating func addUnknown(_ member: YAMLMember, name: String, among known: [String]) {
        let advice: String
        if let row = Self.rows[name] {
            advice = "Write \(row.yaml), each part of the name on a level of its own."
        } else {
            advice =
                nearest(to: name, among: known).map { "Did you mean `\($0)`?" }
                ?? "`sagad help config` lists the settings."
        }
        add(
            at: member.nameSpan.start, expected: "a setting of sagad", found: "`\(name)`",
            advice: advice)
    }

    private mutating func add(
        at mark: YAMLMark, expected: String, found: String, advice: String
    ) {
        problems.append(
            SettingsProblem(place: place(mark), expected: expected, found: found, advice: advice))
    }

    /// What a node is. A value is not shown: where it does not belong it may be anyone's password.
    private static func phrase(_ node: YAMLNode) -> String {
        if node.isNull { return "nothing" }
        return node.scalar == nil ? node.phrase : "one value"
    }

    private func place(_ mark: YAMLMark) -> SettingsPlace {
        .file(path, line: mark.line, column: mark.column)
    }
}

extension SettingsProblem {
    /// What the reader of YAML found.
    fileprivate init(_ diagnostic: Diagnostic) {
        self.init(
            place: .file(diagnostic.file, line: diagnostic.line, column: diagnostic.column),
            key: nil, message: diagnostic.message,
            advice: diagnostic.fix.map { "To mend it: \($0)." } ?? "Mend it there.")
    }
}
