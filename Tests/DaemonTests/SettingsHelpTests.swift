import Foundation
import Testing

@testable import Daemon

@Suite struct `The reference of settings` {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test func `in docs is the one that the table makes`() throws {
        let page = try String(
            contentsOf: Self.root.appending(path: "docs/configuration.md"), encoding: .utf8)
        #expect(
            page == SettingsHelp.markdown(),
            "make it anew: sagad help config --markdown > docs/configuration.md")
    }

    @Test func `shows each setting with unit, default, flag and variable within 80 columns`() {
        let text = SettingsHelp.text()
        #expect(
            text.contains(
                """

                http.body_limit  (bytes; default: 512KiB)
                    --http-body-limit  SAGAD_HTTP_BODY_LIMIT
                    The largest request body. A command made of it must fit the broker's
                    largest message.

                """))
        let meanings = text.split(separator: "\n").filter { $0.hasPrefix("    ") }
        #expect(meanings.allSatisfy { $0.count <= 80 })
        #expect(SettingsTable.rows.allSatisfy { text.contains("\n\($0.key)  (") })
    }

    @Test func `is followed by the file that is installed`() throws {
        let bytes = [UInt8](
            try Data(contentsOf: Self.root.appending(path: "systemd/sagad.yaml")))
        let settings = try Settings.load(command: .serve, arguments: [], environment: [:]) { path in
            path == Settings.standardFile ? .bytes(bytes) : .missing
        }
        #expect(settings.database.url == .sqlite(path: "/var/lib/sagad/sagad.db"))
        #expect(settings.warnings == [])
    }

    @Test func `is followed by the lines of that file that are comments`() throws {
        let text = try String(
            contentsOf: Self.root.appending(path: "systemd/sagad.yaml"), encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.hasPrefix("#  ")
                || line.hasPrefix("#") && line.dropFirst().first?.isLowercase == true
                ? String(line.dropFirst()) : String(line)
        }
        .filter { !$0.hasPrefix("  url: sqlite:") }
        let file = SettingsFile(path: "f", bytes: Array(lines.joined(separator: "\n").utf8))
        #expect(file.problems.map(\.description) == [])
        #expect(file.layer.entries.count >= 8)
    }
}
