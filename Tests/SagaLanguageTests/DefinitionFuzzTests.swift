import Foundation
import SagaCore
import Testing

@testable import SagaLanguage

/// A repeatable source of choices.
private struct Choices: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state ^ (state >> 33)) &* 0xFF51_AFD7_ED55_8CCD
    }
}

/// Definitions that load, and ways to spoil them.
private struct Spoiler {
    private let texts: [String]
    private let keys: [String]

    init() throws {
        let good = Fixture.names.filter { $0.hasPrefix("ok-") }
        var texts = try good.map { try Fixture.text("\($0).yaml") }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let shipped = root.appendingPathComponent("sagas").resolvingSymlinksInPath()
        let files = try FileManager.default.contentsOfDirectory(atPath: shipped.path)
        for name in files.sorted() where DefinitionDirectory.isDefinition(name) {
            let file = shipped.appendingPathComponent(name)
            texts.append(try String(contentsOf: file, encoding: .utf8))
        }
        self.texts = texts
        keys = Set(KeyTable.Name.allCases.flatMap { KeyTable.named($0).keys.map(\.name) }).sorted()
    }

    /// One of the definitions, spoilt in one to four places.
    func spoilt(using choices: inout Choices) -> String {
        var text = texts.randomElement(using: &choices) ?? ""
        for _ in 0..<Int.random(in: 1...4, using: &choices) {
            switch Int.random(in: 0..<5, using: &choices) {
            case 0: text = withByteFlipped(text, &choices)
            case 1: text = withLineMoved(text, &choices)
            case 2: text = withKeyRenamed(text, &choices)
            case 3: text = withBlockRepeated(text, &choices)
            default: text = withValueSwapped(text, &choices)
            }
        }
        return text
    }

    private func withByteFlipped(_ text: String, _ choices: inout Choices) -> String {
        var bytes = Array(text.utf8)
        guard let place = bytes.indices.randomElement(using: &choices) else { return text }
        bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &choices)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func withLineMoved(_ text: String, _ choices: inout Choices) -> String {
        var lines = text.components(separatedBy: "\n")
        guard let place = lines.indices.randomElement(using: &choices) else { return text }
        let line = lines.remove(at: place)
        lines.insert(line, at: Int.random(in: 0...lines.count, using: &choices))
        return lines.joined(separator: "\n")
    }

    private func withKeyRenamed(_ text: String, _ choices: inout Choices) -> String {
        let written = keys.filter { text.contains("\($0):") }
        guard let old = written.randomElement(using: &choices),
            let new = keys.randomElement(using: &choices)
        else { return text }
        return text.replacingOccurrences(of: "\(old):", with: "\(new):")
    }

    /// Lines that stand deeper than where they came from.
    private func withBlockRepeated(_ text: String, _ choices: inout Choices) -> String {
        var lines = text.components(separatedBy: "\n")
        guard let start = lines.indices.randomElement(using: &choices) else { return text }
        let end = min(lines.count, start + Int.random(in: 1...8, using: &choices))
        let indent = String(repeating: "  ", count: Int.random(in: 0...4, using: &choices))
        let block = lines[start..<end].map { indent + $0 }
        lines.insert(contentsOf: block, at: Int.random(in: 0...lines.count, using: &choices))
        return lines.joined(separator: "\n")
    }

    private func withValueSwapped(_ text: String, _ choices: inout Choices) -> String {
        let values = [
            "null", "[]", "{}", "-1", "1e999", "${", "${now}", "\"${steps.a.result}\"", "0s", "~",
            "true", "99999999999999999999", "*a", "&a x", "[[[]]]", "none", "forever", "\u{2028}",
        ]
        var lines = text.components(separatedBy: "\n")
        let places = lines.indices.filter { lines[$0].contains(": ") }
        guard let place = places.randomElement(using: &choices),
            let colon = lines[place].range(of: ": "),
            let value = values.randomElement(using: &choices)
        else { return text }
        lines[place] = lines[place][..<colon.upperBound] + value
        return lines.joined(separator: "\n")
    }
}

/// `SAGA_FUZZ=10000 swift test --filter SagaLanguageTests` tries that many files instead of the
/// few that every run does.
private let count = ProcessInfo.processInfo.environment["SAGA_FUZZ"].flatMap(Int.init) ?? 2_000

/// The time that the processor has spent on this thread.
private func processorTime() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}

@Suite struct `Any file at all` {
    @Test(arguments: 0..<4)
    func `is refused with places inside it, or loads and loads again`(seed: UInt64) throws {
        var choices = Choices(state: seed)
        let spoiler = try Spoiler()
        var slowest = (time: Duration.zero, number: 0)
        var loadedCount = 0
        for number in 0..<(count / 4) {
            let text = spoiler.spoilt(using: &choices)
            let start = processorTime()
            let result = DefinitionLoader.load(text: text, file: "a.yaml") { _ in
                .success("{\"type\": \"object\"}")
            }
            let time = processorTime() - start
            if time > slowest.time { slowest = (time, number) }
            check(result, of: text)
            if result.definition != nil { loadedCount += 1 }
        }
        // Some must come through, or the test tries nothing.
        #expect(loadedCount > count / 400)
        // Shown and not held: how long a load takes is the machine's affair too.
        print("seed \(seed): file \(slowest.number) loads slowest, in \(slowest.time)")
    }

    private func check(_ result: LoadResult, of text: String) {
        let source = SourceText(file: "a.yaml", text: text)
        for diagnostic in result.diagnostics where diagnostic.file == "a.yaml" {
            let line = source.line(diagnostic.line)
            let isInside =
                diagnostic.line >= 1 && diagnostic.column >= 1 && diagnostic.sourceLine == line
                && diagnostic.column <= line.unicodeScalars.count + 1
            if !isInside { Issue.record("\(diagnostic) is not inside\n\(text)") }
            if diagnostic.message.isEmpty { Issue.record("a message is empty in\n\(text)") }
        }
        guard let definition = result.definition else {
            if !result.diagnostics.hasErrors { Issue.record("refused without a word:\n\(text)") }
            return
        }
        let again = DefinitionLoader.load(canonical: result.canonicalText, file: "again")
        if again.definition != definition || again.canonicalText != result.canonicalText {
            Issue.record("loads otherwise from its canonical text:\n\(text)")
        }
    }
}
