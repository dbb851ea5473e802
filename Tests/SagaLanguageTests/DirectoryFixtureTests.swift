import Foundation
import SagaLanguage
import Testing

/// Directories of definitions in `Fixtures/directories`, each with what loading it says as
/// `expected`; a file `active` has the names of the sagas that are to be active.
enum DirectoryFixture {
    static let directory = Fixture.directory.appendingPathComponent("directories")

    static let names: [String] = {
        let names = try? FileManager.default.contentsOfDirectory(atPath: directory.path)
        return (names ?? []).sorted()
    }()

    /// What loading says, its files named as they are within the directory.
    static func load(_ name: String) throws -> DirectoryResult {
        let path = directory.appendingPathComponent(name).path
        let active = try? String(contentsOfFile: path + "/active", encoding: .utf8)
            .split(separator: "\n").map(String.init)
        var result = try DefinitionDirectory.load(path, active: active).get()
        for index in result.diagnostics.indices {
            let shown = result.diagnostics[index].file.replacing(path, with: name)
            result.diagnostics[index].file = shown
            result.diagnostics[index].message.replace(path, with: name)
        }
        return result
    }
}

@Suite struct `The directory fixtures` {
    @Test(arguments: DirectoryFixture.names)
    func `say exactly what is expected`(name: String) throws {
        let result = try DirectoryFixture.load(name)
        let said = result.diagnostics.isEmpty ? "loads\n" : result.diagnostics.rendered
        let expected = DirectoryFixture.directory.appendingPathComponent("\(name)/expected")
        if Fixture.writes { try said.write(to: expected, atomically: true, encoding: .utf8) }
        #expect(try said == String(contentsOf: expected, encoding: .utf8))
        #expect(result.definitions.isEmpty == result.diagnostics.hasErrors)
    }

    @Test func `are there`() {
        #expect(DirectoryFixture.names.count >= 8)
    }
}
