import Foundation
import Testing

@testable import SagaLanguage

private let page = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("docs/saga-language.md")

@Suite struct `The reference page` {
    @Test func `shows definitions that load`() throws {
        let text = try String(contentsOf: page, encoding: .utf8)
        let blocks = text.components(separatedBy: "```").enumerated()
            .filter { $0.offset % 2 == 1 && $0.element.hasPrefix("yaml\nsaga:") }
            .map { String($0.element.dropFirst(5)) }
        #expect(blocks.count == 1)
        for block in blocks {
            let result = DefinitionLoader.load(canonical: block, file: "page.yaml")
            #expect(result.diagnostics.rendered == "")
        }
    }

    @Test func `shows nodes that load`() throws {
        let text = try String(contentsOf: page, encoding: .utf8)
        let blocks = text.components(separatedBy: "```").enumerated()
            .filter { $0.offset % 2 == 1 && $0.element.hasPrefix("yaml\n- ") }
            .map { String($0.element.dropFirst(5)) }
        #expect(blocks.count == 6)
        for block in blocks {
            let head =
                "saga: page\nversion: 1\naggregate: {type: page, stream: PAGES}\nsteps:\n"
            let result = DefinitionLoader.load(canonical: head + block, file: "page.yaml")
            #expect(result.diagnostics.rendered == "")
        }
    }

    @Test(arguments: KeyTable.Name.allCases)
    func `names every key`(name: KeyTable.Name) throws {
        let text = try String(contentsOf: page, encoding: .utf8)
        for key in KeyTable.named(name).keys {
            #expect(text.contains("`\(key.name)`"), "\(key.name) of \(name)")
        }
    }

    @Test func `names every schema keyword`() throws {
        let text = try String(contentsOf: page, encoding: .utf8)
        for keyword in SchemaKeyword.allCases {
            #expect(text.contains("`\(keyword.rawValue)`"), "\(keyword.rawValue)")
        }
    }
}
