import Foundation
import LoadClient
import SagaTool
import Testing

@testable import OperatorTool

/// The last step of docs/authoring.md, which runs what the steps before have written.
@Suite(.timeLimit(.minutes(5))) struct `The tutorial's last step` {
    private static let page: String = {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "docs/authoring.md")
        return (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    }()

    /// The last file of that name on the page in which the text stands.
    private static func file(_ name: String, with text: String) -> String? {
        let parts = page.components(separatedBy: "`\(name)`:\n\n```yaml\n").dropFirst()
        return parts.compactMap { $0.components(separatedBy: "```").first }
            .last { $0.contains(text) }
    }

    /// The block of indented lines behind the one that plays the scenario.
    private static var shown: [Substring] {
        let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
        guard let command = lines.firstIndex(where: { $0.hasSuffix("courier' --start") }) else {
            return []
        }
        return lines[(command + 2)...].prefix { $0.hasPrefix("    ") }.map { $0.dropFirst(4) }
    }

    /// The lines without identities and times; those of the participant come whenever they come.
    private static func steady(_ lines: [Substring]) -> (journal: [String], participant: [String]) {
        var steady: [String] = []
        for line in lines {
            var text = String(line)
            text.replace(#/[0-9a-f]{8}-[0-9a-f-]{27}/#, with: "ID")
            text.replace(#/[0-9]{2}:[0-9]{2}:[0-9.]{6}/#, with: "TIME")
            steady.append(text)
        }
        return (
            steady.filter { !$0.hasPrefix("▸") }, steady.filter { $0.hasPrefix("▸") }
        )
    }

    @Test func `runs as it says`() async throws {
        let definition = try #require(Self.file("delivery.yaml", with: "handover"))
        let scenarios = try #require(Self.file("delivery.test.yaml", with: "a declined payment"))
        try await Site.run("tutorial", definitions: ["delivery.yaml": definition]) { site in
            let path = site.stage.path("sagas/delivery.test.yaml")
            try Data(scenarios.utf8).write(to: URL(filePath: path))
            let run = await sagactl(
                [
                    "play", path, "--scenario", "a declined payment frees the courier", "--start",
                    "--nats", try site.broker,
                ] + site.server)
            #expect(run.status == .fine, "\(run.problems)")
            let found = Self.steady(run.output.split(separator: "\n"))
            let shown = Self.steady(Self.shown)
            #expect(found.journal == shown.journal)
            #expect(found.participant == shown.participant)
            #expect(shown.participant.count == 3)
            let list = await site.sagactl("list")
            #expect(list.output.contains("payment: the card has expired"))
            let next = await site.sagactl(
                "start", "delivery", "--input", #"{"address": "Main Street 1", "price": 4.5}"#)
            #expect(next.status == .fine, "\(next.problems)")
        }
    }
}
