import Foundation
import SagaCore
import SagaLanguage
import Testing

/// What the first page promises.
@Suite struct `The README` {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func text(_ name: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(name), encoding: .utf8)
    }

    @Test func `shows a saga that loads`() throws {
        let parts = try Self.text("README.md").components(separatedBy: "```yaml\n")
        let yaml = try #require(parts.dropFirst().first?.components(separatedBy: "```").first)
        let result = DefinitionLoader.load(text: yaml, file: "README.md") { name in
            Result { try Self.text("sagas/\(name)") }
                .mapError { UnreadableFile("\($0)") }
        }
        #expect(result.diagnostics.rendered == "")
        #expect(result.definition?.name == "order")
    }

    @Test func `links to files that exist`() throws {
        let text = try Self.text("README.md")
        let links = text.matches(of: /\]\(([^):]+)\)/).map { String($0.output.1) }
        #expect(!links.isEmpty)
        for link in links {
            let path = Self.root.appendingPathComponent(link).path
            #expect(FileManager.default.fileExists(atPath: path), "\(link)")
        }
    }
}
