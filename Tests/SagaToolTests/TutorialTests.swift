import Foundation
import Testing

@testable import SagaTool

/// The parts of the tutorial that can be run: files to write, and commands with what they print.
private enum Part {
    case file(name: String, text: String)
    case console([(arguments: [String], output: String)])

    static func all(of page: String) -> [Part] {
        let pieces = page.components(separatedBy: "```")
        return pieces.indices.filter { $0 % 2 == 1 }.compactMap { place in
            let (kind, text) = cut(pieces[place], at: "\n")
            if kind == "console" { return .console(commands(text)) }
            let name = pieces[place - 1].split(separator: "`").last { $0.hasSuffix(".yaml") }
            return name.map { .file(name: String($0), text: text) }
        }
    }

    private static func commands(_ text: String) -> [(arguments: [String], output: String)] {
        text.components(separatedBy: "$ sagactl ").dropFirst().map { run in
            let (line, output) = cut(run, at: "\n")
            return (line.split(separator: " ").map(String.init), output)
        }
    }

    private static func cut(_ text: String, at mark: Character) -> (String, String) {
        let head = text.prefix { $0 != mark }
        return (String(head), String(text.dropFirst(head.count + 1)))
    }
}

/// A text without how long anything took, and without line ends at its end.
private func timeless(_ text: String) -> String {
    let steady = text.replacing(#/\((?:[0-9]+h)?(?:[0-9]+m)?[0-9.]+ ?m?s\)/#, with: "(time)")
    return String(steady.reversed().drop { $0 == "\n" }.reversed())
}

@Suite struct `The tutorial` {
    @Test func `prints what it says it prints`() throws {
        let page = try String(
            contentsOf: project.appendingPathComponent("docs/authoring.md"), encoding: .utf8)
        let directory = try TemporaryDirectory()
        var count = 0
        for part in Part.all(of: page) {
            switch part {
            case .file(let name, let text): try directory.write(text, to: name)
            case .console(let commands):
                for (arguments, output) in commands {
                    let placed = arguments.map {
                        $0.hasSuffix(".yaml") ? "\(directory.path)/\($0)" : $0
                    }
                    let report = Sagactl.report(for: placed)
                    let found = (report.output + report.problems)
                        .replacing("\(directory.path)/", with: "")
                    #expect(timeless(found) == timeless(output), "\(arguments)")
                    count += 1
                }
            }
        }
        #expect(count >= 10)
    }
}
