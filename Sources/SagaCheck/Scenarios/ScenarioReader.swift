import SagaCore
import SagaLanguage

/// Reads a document into scenarios and finds everything that is wrong with them.
struct ScenarioReader {
    let source: SourceText
    let definition: SagaDefinition
    var diagnostics: DiagnosticList
    var scenarios: [Scenario] = []
    var invariants: [Invariant] = []
    /// What a scenario that has no input of its own takes: that of the one before.
    private var input = Value.map(Members())

    /// How many scenarios a file may have.
    static let scenarioLimit = 1000

    init(_ source: SourceText, _ definition: SagaDefinition) {
        self.source = source
        self.definition = definition
        diagnostics = DiagnosticList(source)
    }

    mutating func read(_ document: YAMLNode) {
        let top = YAMLSpan(document.span.start, length: 1)
        let keys = ["saga", "input", "scenarios", "invariants"]
        let members = members(
            of: document, "a scenario file", keys, required: ["saga"], owner: top)
        if let saga = members["saga"], saga.value.scalar?.text != definition.name {
            diagnostics.error(
                .unknownSaga, at: saga.place,
                "the definition beside this file is of `\(definition.name)`,"
                    + " not of \(saga.value.phrase)",
                fix: "write `saga: \(definition.name)`")
        }
        if let posted = members["input"] { input = posted.value.plainValue }
        readScenarios(members["scenarios"])
        readInvariants(members["invariants"])
    }

    private mutating func readScenarios(_ member: YAMLMember?) {
        guard let member, let elements = list(member, of: "scenarios") else { return }
        guard elements.count <= Self.scenarioLimit else {
            diagnostics.error(
                .outOfRange, at: member.nameSpan,
                "a file has at most \(Self.scenarioLimit) scenarios, this one has"
                    + " \(elements.count)")
            return
        }
        for element in elements { readScenario(element) }
    }

    private mutating func readScenario(_ node: YAMLNode) {
        let owner = node.firstPlace
        let members = members(
            of: node, "a scenario", ["name", "input", "given", "operator", "expect"],
            required: ["name"], owner: owner)
        guard let name = members["name"].flatMap({ text($0) }) else { return }
        if let earlier = scenarios.first(where: { $0.name == name }), let place = members["name"] {
            diagnostics.error(
                .duplicateName, at: place.place,
                "a scenario of that name is there already, at line \(earlier.line)",
                fix: "say what is different about this one")
        }
        var scenario = Scenario(name: name, line: owner.start.line)
        if let posted = members["input"] { input = posted.value.plainValue }
        scenario.input = input
        checkInput(at: members["input"]?.nameSpan ?? owner)
        if let given = members["given"] { scenario.given = readGiven(given) }
        if let acts = members["operator"] { scenario.interventions = readInterventions(acts) }
        if let expect = members["expect"] { scenario.expected = readExpectation(expect) }
        scenarios.append(scenario)
    }

    private mutating func checkInput(at place: YAMLSpan) {
        let schema = definition.intake?.schema ?? definition.inputSchema
        let violations = schema?.violations(of: input) ?? []
        guard let first = violations.first else { return }
        let pointer = first.pointer.isEmpty ? "the input" : first.pointer
        diagnostics.error(
            .invalidInput, at: place, "the saga refuses this input: \(pointer): \(first.message)",
            fix: "write an `input` that the saga's schema accepts")
    }

    // MARK: Mappings and lists

    /// The members of a mapping by their names; what does not belong there is reported.
    mutating func members(
        of node: YAMLNode, _ subject: String, _ known: [String], required: [String] = [],
        owner: YAMLSpan
    ) -> [String: YAMLMember] {
        guard let members = node.members else {
            diagnostics.error(
                .wrongType, at: node.isNull ? owner : node.firstPlace,
                "\(subject) must be a mapping, is \(node.phrase)",
                fix: "write keys such as " + known.prefix(3).map { "`\($0)`" }.listed)
            return [:]
        }
        var found: [String: YAMLMember] = [:]
        for member in members {
            found[member.name] = member
            if known.contains(member.name) { continue }
            diagnostics.error(
                .unknownKey, at: member.nameSpan, "\(subject) has no key `\(member.name)`",
                fix: nearest(to: member.name, among: known).map { "did you mean `\($0)`?" }
                    ?? "known here: " + known.map { "`\($0)`" }.listed)
        }
        for key in required where found[key] == nil {
            diagnostics.error(
                .missingKey, at: owner, "\(subject) must have `\(key)`", fix: "add `\(key)`")
        }
        return found
    }

    mutating func list(_ member: YAMLMember, of things: String) -> [YAMLNode]? {
        if let elements = member.value.elements { return elements }
        reportType(member, expected: "a list of \(things)")
        return nil
    }

    mutating func text(_ member: YAMLMember) -> String? {
        guard let scalar = member.value.scalar, !scalar.text.isEmpty else {
            reportType(member, expected: "text")
            return nil
        }
        return scalar.text
    }

    mutating func reportType(_ member: YAMLMember, expected: String) {
        diagnostics.error(
            .wrongType, at: member.place,
            "`\(member.name)` must be \(expected), is \(member.value.phrase)")
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

extension YAMLMember {
    /// Where its value stands; where there is none, or it runs over lines, where it is named.
    var place: YAMLSpan {
        switch value.content {
        case .scalar(let scalar): scalar.text.isEmpty ? nameSpan : value.span
        case .sequence, .mapping: nameSpan
        }
    }
}

extension [String] {
    /// The texts with commas between them.
    var listed: String { joined(separator: ", ") }
}
