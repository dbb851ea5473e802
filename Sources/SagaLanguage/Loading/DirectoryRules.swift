internal import SagaCore

/// What several files may not do to one another.
struct DirectoryRules {
    private(set) var diagnostics: [Diagnostic] = []
    private let files: [(definition: SagaDefinition, places: DefinitionPlaces)]

    init(_ files: [LoadResult], active: [String]?, directory: String) {
        self.files = files.compactMap { file in file.definition.map { ($0, file.places) } }
        checkVersions()
        checkPaths(active)
        // While a file is broken its saga's name is not known.
        guard self.files.count == files.count else { return }
        if let active { checkNames(active, directory) }
        checkChildren()
    }

    private mutating func checkVersions() {
        var first: [String: DefinitionPlaces] = [:]
        for (definition, places) in files {
            let name = "\(definition.name) version \(definition.version)"
            if let other = first.updateValue(places, forKey: name) {
                first[name] = other
                report(
                    .duplicateDefinition, places, at: places.version,
                    "\(name) is defined in \(other.source.file) already",
                    fix: "give this file another version")
            }
        }
    }

    private mutating func checkPaths(_ active: [String]?) {
        var claims: [(path: String, name: String, places: DefinitionPlaces)] = []
        for (definition, places) in files {
            guard let path = definition.intake?.path else { continue }
            if let active, !active.contains(definition.name) { continue }
            let clash = claims.first { claim in
                claim.name != definition.name && claim.path == path
                    || IntakePath.isDirectlyAbove(claim.path, path)
                    || IntakePath.isDirectlyAbove(path, claim.path)
            }
            claims.append((path, definition.name, places))
            guard let clash else { continue }
            report(
                .duplicatePath, places, at: places.path,
                clash.path == path
                    ? "the intake \(path) belongs to `\(clash.name)` already,"
                        + " in \(clash.places.source.file)"
                    : "the intake \(path) lies where the documents of \(clash.path) stand,"
                        + " or the other way round, in \(clash.places.source.file)",
                fix: "give one another path, or name the one that counts in `sagas.active`")
        }
    }

    private mutating func checkNames(_ active: [String], _ directory: String) {
        let known = Set(files.map(\.definition.name))
        for name in active where !known.contains(name) {
            diagnostics.append(
                Diagnostic(
                    file: directory, line: 1, column: 1, code: .unknownSaga,
                    message: "`sagas.active` names `\(name)`, which no file here defines",
                    fix: nearest(to: name, among: known.sorted()).map { "did you mean `\($0)`?" },
                    sourceLine: ""))
        }
    }

    private mutating func checkChildren() {
        let rules = ChildRules(files.map(\.definition))
        for (definition, places) in files {
            for child in places.children {
                guard let problem = rules.problem(with: child, of: definition) else { continue }
                report(
                    problem.code, places, at: child.place, problem.message, fix: problem.fix)
            }
        }
    }

    private mutating func report(
        _ code: DiagnosticCode, _ places: DefinitionPlaces, at span: YAMLSpan?,
        _ message: String, fix: String?
    ) {
        var list = DiagnosticList(places.source)
        list.error(
            code, at: span ?? YAMLSpan(YAMLMark(line: 1, column: 1), length: 1), message, fix: fix)
        diagnostics += list.sorted
    }
}
