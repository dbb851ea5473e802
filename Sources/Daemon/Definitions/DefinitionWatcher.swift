import Foundation
import Logging
import SagaCore
import SagaLanguage
import SagaRuntime
import ServiceLifecycle

/// Reloads the definitions when their files change: what `sagad dev` does for authors.
struct DefinitionWatcher: Service {
    let shelf: DefinitionShelf
    let engine: Engine
    /// Where log lines are text, diagnostics are shown as they are, with their carets.
    let logFormat: LogFormat
    let logger: Logger

    /// The time from one look at the files to the next.
    static let interval: Duration = .milliseconds(500)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var known = Self.stamps(in: shelf.directory)
            while (try? await Task.sleep(for: Self.interval)) != nil {
                let now = Self.stamps(in: shelf.directory)
                if now == known { continue }
                known = now
                await reload()
            }
        }
    }

    private func reload() async {
        do {
            let loaded = try shelf.load()
            try await engine.adopt(loaded)
            let names = loaded.map { "\($0.definition.name) \($0.definition.version)" }
            logger.notice(
                "definitions reloaded",
                metadata: ["definitions": "\(names.joined(separator: ", "))"])
        } catch {
            switch logFormat {
            case .json: logger.error("the definitions stay as they were: \(error)")
            case .text:
                logger.error("the definitions stay as they were")
                FileHandle.standardError.write(Data("\(error)\n".utf8))
            }
        }
    }

    /// When each file of a directory last changed.
    private static func stamps(in directory: String) -> [String: Date] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        var stamps: [String: Date] = [:]
        for name in names where name.hasSuffix(".yaml") || name.hasSuffix(".json") {
            let attributes = try? FileManager.default.attributesOfItem(
                atPath: "\(directory)/\(name)")
            stamps[name] = attributes?[.modificationDate] as? Date
        }
        return stamps
    }
}
