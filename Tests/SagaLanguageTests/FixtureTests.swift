import Foundation
import SagaCore
import SagaLanguage
import Testing

/// The fixtures beside this file: `NAME.yaml`, and what loading it says as `NAME.expected`.
///
/// `SAGA_FIXTURES=write swift test --filter SagaLanguageTests` writes the expectations anew; read
/// the difference before keeping it.
enum Fixture {
    static let directory = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().appendingPathComponent("Fixtures")

    static let names: [String] = {
        let files = try? FileManager.default.contentsOfDirectory(atPath: directory.path)
        return (files ?? []).filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }
            .sorted()
    }()

    /// The fixtures that the editors' schema refuses too, by `Tests/Scripts/check-editor-schema`.
    static let structural: [String] = {
        let listed = try? text("structural")
        return (listed ?? "").split(separator: "\n").map(String.init)
    }()

    static let writes = ProcessInfo.processInfo.environment["SAGA_FIXTURES"] == "write"

    static func text(_ file: String) throws -> String {
        try String(contentsOf: directory.appendingPathComponent(file), encoding: .utf8)
    }

    static func load(_ name: String) throws -> LoadResult {
        let text = try text("\(name).yaml")
        return DefinitionLoader.load(text: text, file: "\(name).yaml") { schema in
            (try? Self.text(schema)).map { .success($0) }
                ?? .failure(UnreadableFile("there is no such file"))
        }
    }
}

@Suite struct `The fixtures` {
    @Test(arguments: Fixture.names)
    func `say exactly what is expected`(name: String) throws {
        let result = try Fixture.load(name)
        let said = result.diagnostics.isEmpty ? "loads\n" : result.diagnostics.rendered
        let expected = Fixture.directory.appendingPathComponent("\(name).expected")
        if Fixture.writes { try said.write(to: expected, atomically: true, encoding: .utf8) }
        #expect(try said == String(contentsOf: expected, encoding: .utf8))
        #expect((result.definition == nil) == result.diagnostics.hasErrors)
    }

    @Test func `cover what loads and what does not`() throws {
        let loading = try Fixture.names.filter { try Fixture.load($0).definition != nil }
        #expect(loading.count >= 5)
        #expect(Fixture.names.count - loading.count >= 60)
    }

    @Test(arguments: Fixture.structural)
    func `that an editor refuses are refused`(name: String) throws {
        #expect(try Fixture.load(name).definition == nil)
    }

    @Test(arguments: Fixture.names.filter { $0.hasPrefix("ok-") })
    func `that load, load again from their canonical text`(name: String) throws {
        let first = try Fixture.load(name)
        let second = DefinitionLoader.load(canonical: first.canonicalText, file: name)
        #expect(second.diagnostics == [])
        #expect(second.definition == first.definition)
        #expect(second.definition != nil)
        #expect(second.canonicalText == first.canonicalText)
        #expect(second.hash == first.hash)
    }

    @Test func `keep the hash by which stores know a definition`() throws {
        let hash = try Fixture.load("ok-guards").hash
        let digits = hash.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
        let expected = "5b001ec8fa26ab0a41d17a2c7ba6a67453542cf1fabae4522167a79a8f53b944"
        #expect(digits.joined() == expected)
    }
}
