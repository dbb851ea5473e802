import Foundation
import SagaCore
import Testing

@testable import SagaLanguage

/// A directory of its own for one test, removed with it.
private final class TemporaryDirectory {
    let path: String

    init(_ files: [String: String]) throws {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("sagas-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
        for (name, text) in files {
            try text.write(
                to: url.appendingPathComponent(name), atomically: true, encoding: .utf8)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func load(active: [String]? = nil) throws -> DirectoryResult {
        try DefinitionDirectory.load(path, active: active).get()
    }
}

private func saga(_ name: String, version: Int = 1, path: String? = nil) -> String {
    """
    saga: \(name)
    version: \(version)
    \(path.map { "intake: {path: \($0)}" } ?? "# started by name")
    steps:
      - step: one
        command: a.b
        compensate: none
    """
}

@Suite struct `A directory of definitions` {
    @Test func `has its yaml files, and neither tests nor hidden files`() throws {
        let directory = try TemporaryDirectory([
            "b.yaml": saga("b"), "a.yaml": saga("a", version: 2), "a1.yaml": saga("a"),
            "a.test.yaml": "saga: a", ".hidden.yaml": "x", "notes.md": "x", "c.yml": "x",
        ])
        let result = try directory.load()
        #expect(result.diagnostics == [])
        #expect(result.definitions.map(\.definition.name) == ["a", "a", "b"])
        #expect(result.definitions.map(\.definition.version) == [1, 2, 1])
        #expect(result.definitions[0].file == "\(directory.path)/a1.yaml")
    }

    @Test func `reports all files together and then gives no definition`() throws {
        let directory = try TemporaryDirectory([
            "a.yaml": saga("A"), "b.yaml": saga("b", version: 0), "c.yaml": saga("c"),
        ])
        let result = try directory.load()
        #expect(result.diagnostics.map(\.code) == [.badName, .outOfRange])
        #expect(result.definitions == [])
    }

    @Test func `has each name and version once`() throws {
        let directory = try TemporaryDirectory(["a.yaml": saga("order"), "b.yaml": saga("order")])
        let result = try directory.load()
        #expect(result.diagnostics.map(\.code) == [.duplicateDefinition])
        #expect(result.diagnostics[0].file.hasSuffix("b.yaml"))
        #expect(result.diagnostics[0].line == 2)
        #expect(result.diagnostics[0].message.contains("a.yaml"))
    }

    @Test func `has one owner of an intake path`() throws {
        let directory = try TemporaryDirectory([
            "a.yaml": saga("a", path: "/api/x"), "b.yaml": saga("b", path: "/api/x"),
            "b2.yaml": saga("b", version: 2, path: "/api/x"),
        ])
        #expect(try directory.load().diagnostics.map(\.code) == [.duplicatePath, .duplicatePath])
        #expect(try directory.load(active: ["b"]).diagnostics == [])
        #expect(try directory.load(active: ["b"]).definitions.count == 3)
        #expect(
            try directory.load(active: ["a", "b"]).diagnostics.map(\.code)
                == [.duplicatePath, .duplicatePath])
    }

    @Test func `has no intake where another's documents stand`() throws {
        let directory = try TemporaryDirectory([
            "a.yaml": saga("a", path: "/api/x"), "b.yaml": saga("b", path: "/api/x/y"),
            "c.yaml": saga("c", path: "/api/x/z/w"),
        ])
        let result = try directory.load()
        #expect(result.diagnostics.map(\.code) == [.duplicatePath])
        #expect(result.diagnostics[0].file.hasSuffix("b.yaml"))
    }

    @Test func `has the sagas that are to be active`() throws {
        let directory = try TemporaryDirectory(["a.yaml": saga("order")])
        let result = try directory.load(active: ["ordr"])
        #expect(result.diagnostics.map(\.code) == [.unknownSaga])
        #expect(result.diagnostics[0].fix == "did you mean `order`?")
        #expect(result.diagnostics.rendered.hasPrefix("\(directory.path):1:1: error: "))
    }

    @Test func `has schemas beside its definitions`() throws {
        let text = saga("a").replacing(
            "# started by name", with: "intake: {path: /api/a, schema: a.schema.json}")
        let directory = try TemporaryDirectory([
            "a.yaml": text, "a.schema.json": "{\"type\": \"object\", \"required\": [\"x\"]}",
        ])
        let result = try directory.load()
        #expect(result.diagnostics == [])
        #expect(result.definitions[0].definition.intake?.schema?.accepts(.map(Members())) == false)
        let without = try TemporaryDirectory(["a.yaml": text])
        let refused = try without.load().diagnostics
        #expect(refused.map(\.code) == [.unreadable])
    }

    @Test func `reports a file that is no text`() throws {
        let directory = try TemporaryDirectory([:])
        let file = URL(fileURLWithPath: directory.path).appendingPathComponent("a.yaml")
        try Data([0xFF, 0xFE, 0x00]).write(to: file)
        try FileManager.default.createDirectory(
            atPath: directory.path + "/b.yaml", withIntermediateDirectories: false)
        let diagnostics = try directory.load().diagnostics
        #expect(diagnostics.map(\.code) == [.unreadable, .unreadable])
        #expect(diagnostics[0].message.contains("UTF-8"))
    }

    @Test func `that is not there is an error`() {
        let result = DefinitionDirectory.load("/nowhere/at/all")
        guard case .failure(let reason) = result else {
            Issue.record("a directory that is not there was listed")
            return
        }
        #expect(reason.message.contains("/nowhere/at/all"))
    }
}
