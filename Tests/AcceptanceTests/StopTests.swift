import Foundation
import Glibc
import LoadClient
import SagaCore
import Testing

/// The ends of a daemon.
@Suite(.timeLimit(.minutes(5))) struct `A daemon that` {
    private static func order(_ key: String) -> Order {
        Order(
            .approved, items: [Order.Item("Soup", cents: 450)], customer: "c-1",
            restaurant: "r-1", idempotencyKey: key)
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `is asked to stop answers who waits, and ends with 0`(signal: Int32) async throws {
        try await Site.run("stop") { site in
            // Without participants no saga ends by itself.
            let daemon = try site.dev([("dev-workers", "false")])
            try await daemon.startReady(within: Site.patience)
            let port = daemon.port
            async let held = Caller(port: port).call(
                Self.order("held").request(fields: [("Prefer", "wait=60")]))
            let reader = SagaReader(port: port)
            try await eventually(within: Site.patience, "the saga is stored") {
                try await reader.sagas(of: "order").count == 1
            }
            #expect(try await daemon.terminate(signal) == .status(0))
            let answer = try await held
            #expect(answer.status == 201)
            #expect(answer.field("saga-id") != nil)
            #expect(daemon.log.last?.contains("stopped") == true, "\(daemon.log.suffix(3))")
        }
    }

    @Test func `was killed leaves no nats-server, and its successor goes on`() async throws {
        try await Site.run("kill") { site in
            let daemon = try site.dev()
            try await daemon.startReady(within: Site.patience)
            let caller = Caller(port: daemon.port)
            let first = try await caller.call(
                Self.order("first").request(fields: [("Prefer", "wait=30")]))
            #expect(try first.json()["status"]?.text == "Approved")
            let broker = try #require(try natsServer(of: site))
            #expect(isRunning(broker, over: site))

            try await daemon.kill()
            try await eventually(within: Site.patience, "nats-server ends with the daemon") {
                !isRunning(broker, over: site)
            }

            try await daemon.startReady(within: Site.patience)
            #expect(try natsServer(of: site) != broker)
            let kept = try await caller.call(
                .get(try #require(first.field("location"))), expecting: [200],
                until: .now + Site.patience)
            #expect(try kept.json()["status"]?.text == "Approved")
            let second = try await caller.call(
                Self.order("second").request(fields: [("Prefer", "wait=30")]))
            #expect(try second.json()["status"]?.text == "Approved")
            #expect(await daemon.stop() == .status(0))
            #expect(try natsServer(of: site).map { isRunning($0, over: site) } != true)
        }
    }

    /// The process that the state directory names as its nats-server.
    private func natsServer(of site: Site) throws -> Int32? {
        let path = site.stage.path("state/nats/nats-server.pid")
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        return Int32(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// Whether that process runs over the site's folder; its number may have become another's.
    private func isRunning(_ pid: Int32, over site: Site) -> Bool {
        let line = try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8)
        return line?.contains(site.stage.folder) == true
    }
}
