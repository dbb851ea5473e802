import ArgumentParser
import Foundation
import NATS

/// Which broker a command speaks on, as the daemon and its participants do.
struct BrokerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The broker. Else SAGACTL_NATS, else that of a `sagad dev` whose state is in .sagad "
                + "here, else nats://127.0.0.1:4222.", valueName: "url"))
    var nats: String?

    /// The longest time to wait for the broker and for the daemon's stream.
    static let patience: Duration = .seconds(5)
    private static let retryWait: Duration = .milliseconds(250)

    /// The broker's address: as asked for, or that of a development daemon here.
    private var url: String {
        nats ?? ProcessInfo.processInfo.environment["SAGACTL_NATS"] ?? Self.developmentBroker
            ?? "nats://127.0.0.1:4222"
    }

    /// The broker that a `sagad dev` in this directory has started, which writes its address there.
    private static var developmentBroker: String? {
        let folder = ".sagad/nats"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let file = names.first { $0.hasSuffix(".ports") }
        let text = file.flatMap { try? String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8) }
        return text?.split(separator: "\"").first { $0.hasPrefix("nats://") }.map(String.init)
    }

    /// What is said where the broker cannot be used.
    func complaint(_ failure: NATSFailure) -> String {
        "Error: \(url): \(failure)\n  start the daemon (`sagad dev`), or name its broker with "
            + "--nats or SAGACTL_NATS\n"
    }

    /// A connection to a broker that has the daemon's stream; waits for both.
    func connection(named name: String) async throws -> Connection {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            do throws(NATSFailure) {
                let connection = try await Connection.connect(
                    ConnectionOptions(servers: url, name: name))
                if try await JetStream(connection).stream(CommandDesk.stream) != nil {
                    return connection
                }
                await connection.close()
                throw .unreachable("there is no stream \(CommandDesk.stream), which sagad makes")
            } catch {
                switch error {
                case .credentialsRefused, .optionRefused: throw error
                case .unreachable, .closed, .timedOut, .noResponders, .refused, .malformed,
                    .library:
                    if ContinuousClock.now > deadline { throw error }
                }
            }
            try await Task.sleep(for: Self.retryWait)
        }
    }
}
