import Foundation
import SagaCheck
import SagaLanguage
import Testing

@testable import SagaTool

/// A directory of its own for one test, removed with it.
final class TemporaryDirectory {
    let path: String

    init(_ files: [(name: String, text: String)] = []) throws {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("sagactl-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
        for (name, text) in files { try write(text, to: name) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, to name: String) throws {
        try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
    }
}

/// The project's own folder.
let project = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

extension Example {
    /// What loading the example says.
    fileprivate func diagnostics() throws -> [Diagnostic] {
        if isReadAlone {
            return DefinitionLoader.load(text: files[0].text, file: files[0].name) { _ in
                .failure(UnreadableFile("there is none"))
            }.diagnostics
        }
        let directory = try TemporaryDirectory(files)
        if let scenarios = files.first(where: { $0.name.hasSuffix(".test.yaml") }) {
            return ScenarioFile.read("\(directory.path)/\(scenarios.name)").diagnostics
        }
        return try DefinitionDirectory.load(directory.path, active: active).get().diagnostics
    }
}

@Suite struct `The explanations` {
    /// Every code that the loader's and the scenario reader's sources name.
    static let codes: Set<String> = {
        var codes: Set<String> = []
        let patterns = [
            #/DiagnosticCode\(rawValue: "([a-z-]+)"\)/#, #/code: "([a-z-]+)"/#,
            #/[rR]ange, "([a-z-]+)"/#,
        ]
        for folder in ["Sources/SagaLanguage", "Sources/SagaCheck/Scenarios"] {
            let files = FileManager.default.enumerator(
                at: project.appendingPathComponent(folder).resolvingSymlinksInPath(),
                includingPropertiesForKeys: nil)
            for case let file as URL in files! where file.pathExtension == "swift" {
                let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
                for pattern in patterns {
                    for match in text.matches(of: pattern) { codes.insert(String(match.1)) }
                }
            }
        }
        return codes
    }()

    @Test func `explain every code, and no other`() {
        let explained = Set(Explanation.all.map(\.code.rawValue))
        #expect(Self.codes.count >= 50)
        #expect(Self.codes.subtracting(explained).sorted() == [])
        #expect(explained.subtracting(Self.codes).sorted() == [])
        #expect(explained.count == Explanation.all.count)
    }

    @Test(arguments: Explanation.all.map(\.code.rawValue))
    func `show a wrong example of just that code, and a right one`(code: String) throws {
        let explanation = try #require(Explanation.of(DiagnosticCode(rawValue: code)))
        let wrong = try explanation.wrong.diagnostics().map(\.code.rawValue)
        let others = code == "too-many" ? ["unknown-key"] : []
        #expect(wrong.contains(code), "the wrong example says \(wrong)")
        #expect(Set(wrong).subtracting([code] + others).sorted() == [])
        #expect(try explanation.right.diagnostics().rendered == "")
    }

    @Test func `are listed, shown, and missed with a hint`() {
        let list = Sagactl.report(for: ["explain"])
        #expect(list.status == .fine)
        #expect(list.output.contains("missing-compensation"))
        let shown = Sagactl.report(for: ["explain", "missing-compensation"])
        #expect(shown.output.hasPrefix("missing-compensation: Nothing says how"))
        #expect(shown.output.contains("Wrong:\n\n    saga: example"))
        let missed = Sagactl.report(for: ["explain", "missing-compensaton"])
        #expect(missed.status == .wrongUsage)
        #expect(missed.problems.contains("did you mean missing-compensation?"))
    }
}
