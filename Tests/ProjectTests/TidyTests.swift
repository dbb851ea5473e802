import Foundation
import Testing

/// What the project's own rules say about its files.
@Suite struct `The source` {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func files(in folder: String) -> [(name: String, lines: [Substring])] {
        let folderURL = root.appendingPathComponent(folder)
        let found = FileManager.default.enumerator(at: folderURL, includingPropertiesForKeys: nil)
        return (found?.compactMap { $0 as? URL } ?? [])
            .filter { $0.pathExtension == "swift" && !$0.path.contains("/Generated/") }
            .compactMap { url in
                guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
                let name = url.path.replacingOccurrences(of: root.path + "/", with: "")
                return (name, text.split(separator: "\n", omittingEmptySubsequences: false))
            }
    }

    private static func isImport(_ line: Substring) -> Bool {
        let words = line.split(separator: " ")
        return words.first == "import" || words.dropFirst().first == "import"
    }

    @Test func `of the core imports nothing`() {
        let files = Self.files(in: "Sources/SagaCore")
        #expect(!files.isEmpty)
        for file in files {
            let imports = file.lines.filter(Self.isImport)
            #expect(imports.isEmpty, "\(file.name): \(imports)")
        }
    }

    @Test(arguments: [("Cpq", "PostgreSQL"), ("Cnats", "NATS"), ("Cyaml", "SagaLanguage")])
    func `imports each C library in one target only`(library: String, target: String) {
        let importers = Self.files(in: "Sources").filter { file in
            file.lines.contains { Self.isImport($0) && $0.hasSuffix("import \(library)") }
        }
        #expect(!importers.isEmpty)
        for file in importers {
            #expect(file.name.hasPrefix("Sources/\(target)/"), "\(file.name) imports \(library)")
        }
    }

    @Test func `has no file over four hundred lines`() {
        for file in Self.files(in: "Sources") {
            #expect(file.lines.count <= 401, "\(file.name) has \(file.lines.count) lines")
        }
    }

    @Test func `leaves no note of work to do`() {
        let marks = ["TO" + "DO", "FIX" + "ME"]
        for file in Self.files(in: "Sources") + Self.files(in: "Tests") {
            for (number, line) in file.lines.enumerated() {
                #expect(
                    !marks.contains { line.contains($0) }, "\(file.name):\(number + 1): \(line)")
            }
        }
    }

    @Test func `gives a reason for each unchecked promise to the compiler`() {
        let promises = [
            "@unchecked " + "Sendable", "nonisolated(" + "unsafe)", "try" + "!", "as" + "!",
        ]
        for file in Self.files(in: "Sources") {
            for (number, line) in file.lines.enumerated()
            where promises.contains(where: line.contains) && !line.contains("///") {
                let before = number > 0 ? file.lines[number - 1] : ""
                #expect(
                    line.contains("SAFETY:") || before.contains("SAFETY:"),
                    "\(file.name):\(number + 1): \(line)")
            }
        }
    }
}
