import Foundation
import SagaCore
import SagaLanguage
import Testing

private let sources = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Sources/SagaLanguage").resolvingSymlinksInPath()

/// The texts that a folder's files write after the given mark, as far as they look like codes.
private func codes(in folder: String, after mark: String) throws -> Set<String> {
    let folder = sources.appendingPathComponent(folder)
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    var found: Set<String> = []
    for file in files where file.hasSuffix(".swift") {
        let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
        for rest in text.components(separatedBy: mark + "\"").dropFirst() {
            let code = rest.prefix { $0 != "\"" }
            let parts = code.split(separator: "-", omittingEmptySubsequences: false)
            let isCode = parts.allSatisfy { part in
                !part.isEmpty && part.allSatisfy { ("a"..."z").contains($0) }
            }
            if isCode, parts.count > 1 || mark.hasSuffix(": ") { found.insert(String(code)) }
        }
    }
    return found
}

/// The codes that the fixtures' diagnostics have.
private func covered() throws -> Set<String> {
    let files = try Fixture.names.flatMap { try Fixture.load($0).diagnostics }
    let directories = try DirectoryFixture.names.flatMap {
        try DirectoryFixture.load($0).diagnostics
    }
    let made = MadeFixture.allCases.flatMap { made in
        DefinitionLoader.load(canonical: made.text, file: "made.yaml").diagnostics
    }
    return Set((files + directories + made).map(\.code.rawValue))
}

/// Fixtures too large to be kept as files.
private enum MadeFixture: String, CaseIterable {
    case tooLarge = "file-too-large"
    case tooMany = "too-many"
    case longExpression = "too-long"

    var text: String {
        switch self {
        case .tooLarge: "# " + String(repeating: "x", count: 1_048_576) + "\nsaga: order\n"
        case .tooMany:
            "saga: order\nversion: 1\nsteps:\n" + (0..<60).map { "  - {a\($0): 1}\n" }.joined()
                + (0..<120).map { "key\($0)x: 1\n" }.joined()
        case .longExpression:
            "saga: order\nversion: 1\nkey: ${key" + String(repeating: " ", count: 16_384) + "}\n"
        }
    }
}

@Suite struct `Every rule` {
    @Test func `of a file has a fixture that breaks it`() throws {
        let rules = try codes(in: "Diagnostics", after: "DiagnosticCode(rawValue: ")
        #expect(rules.count >= 40)
        let missing = try rules.subtracting(covered()).sorted()
        #expect(missing.joined(separator: ", ") == "")
    }

    @Test func `of an expression has a fixture that breaks it`() throws {
        let rules = try codes(in: "Expressions", after: "")
            .union(codes(in: "Expressions", after: "code: "))
        #expect(rules.count >= 10)
        let missing = try rules.subtracting(covered()).sorted()
        #expect(missing.joined(separator: ", ") == "")
    }

    @Test(arguments: MadeFixture.allCases)
    private func `that is made breaks the rule it is made for`(made: MadeFixture) {
        let result = DefinitionLoader.load(canonical: made.text, file: "made.yaml")
        #expect(result.definition == nil)
        #expect(result.diagnostics.contains { $0.code.rawValue == made.rawValue })
    }
}
