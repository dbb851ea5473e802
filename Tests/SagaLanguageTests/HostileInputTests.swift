import SagaCore
import Testing

@testable import SagaLanguage

/// A small generator with a seed (splitmix64), so that a failure can be repeated.
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite struct `A file that was tampered with` {
    private static let pieces = [
        "{", "}", "[", "]", ": ", "- ", "${", "}", "\"", "'", "#", "&a ", "*a", "\n", "\t", "  ",
        "!!x ", "|", "> ", "? ", "null", "1e999", "${input.x}", "\u{2028}", "😀", "%", "@", "---\n",
        "pivot: true\n", "optional: true", "then: reject", "wait", "\u{0}", "\r",
    ]

    @Test(arguments: 0..<20)
    func `is refused with places, or loads and loads again`(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        let names = Fixture.names.filter { $0.hasPrefix("ok-") || $0.hasPrefix("expression") }
        for _ in 0..<25 {
            let name = try #require(names.randomElement(using: &generator))
            var scalars = Array(try Fixture.text("\(name).yaml").unicodeScalars)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                tamper(with: &scalars, &generator)
            }
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars)
            try check(String(text))
        }
    }

    private func tamper(
        with scalars: inout [Unicode.Scalar], _ generator: inout SeededGenerator
    ) {
        let place = Int.random(in: 0...scalars.count, using: &generator)
        if Bool.random(using: &generator) {
            let end = min(scalars.count, place + Int.random(in: 1...12, using: &generator))
            scalars.removeSubrange(place..<end)
        } else {
            let piece = Self.pieces.randomElement(using: &generator) ?? ""
            scalars.insert(contentsOf: Array(piece.unicodeScalars), at: place)
        }
    }

    private func check(_ text: String) throws {
        let result = DefinitionLoader.load(canonical: text, file: "a.yaml")
        let lines = SourceText(file: "a.yaml", text: text)
        for diagnostic in result.diagnostics {
            #expect(diagnostic.line >= 1 && diagnostic.column >= 1)
            #expect(diagnostic.sourceLine == lines.line(diagnostic.line))
            #expect(diagnostic.column <= diagnostic.sourceLine.unicodeScalars.count + 1)
            #expect(!diagnostic.rendered.isEmpty)
        }
        guard let definition = result.definition else {
            #expect(result.diagnostics.hasErrors)
            return
        }
        let again = DefinitionLoader.load(canonical: result.canonicalText, file: "again")
        #expect(again.definition == definition, "\(text)")
        #expect(again.canonicalText == result.canonicalText)
    }
}
