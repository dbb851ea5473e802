import Foundation
import LoadClient
import Testing

/// Starts that are refused before anything runs.
@Suite(.timeLimit(.minutes(5))) struct `A start with a mistake in it` {
    private static let threeMistakes = """
        saga: order
        version: 1
        aggregate: {type: order, stream: ORDERS}

        intake:
          path: /api/orders
          id: order_id
          schema: {type: object}

        steps:
          - step: payment
            command: payments.debit
            timeout: 10 parsecs
            outcomes:
              debited: {}
              declined: {then: rejct}
            compensate:
              command: payments.void
              retries: 3

        """

    private static let order = Order(
        .approved, items: [Order.Item("Soup", cents: 450)], customer: "c-1", restaurant: "r-1",
        idempotencyKey: "once")

    @Test func `prints all three of a definition with their places and ends with 2`() async throws {
        try await Site.run("mistakes") { site in
            let file = try site.write(Self.threeMistakes, to: "sagas/order.yaml")
            let outcome = try await site.sagad(
                "serve", "--database-url", "sqlite:\(site.stage.path("sagad.db"))",
                "--sagas-directory", site.stage.path("sagas"))
            #expect(outcome.end == .status(2))
            let errors = outcome.output.split(separator: "\n").filter { $0.contains(": error: ") }
            let places = errors.map { $0.prefix { $0 != " " } }
            #expect(places == ["\(file):13:14:", "\(file):16:24:", "\(file):19:7:"])
            // The line itself, and what to do about it, follow each.
            #expect(outcome.output.contains("timeout: 10 parsecs"))
            #expect(outcome.output.contains("did you mean `reject`?"))
        }
    }

    @Test func `names http_listen where everybody could reach it, and ends with 2`() async throws {
        try await Site.run("listen") { site in
            let outcome = try await site.sagad(
                "serve", "--database-url", "sqlite:\(site.stage.path("sagad.db"))",
                "--sagas-directory", site.programs.sagas, "--http-listen", "0.0.0.0:3000")
            #expect(outcome.end == .status(2))
            #expect(outcome.output.contains("http.listen"))
            #expect(outcome.output.contains("0.0.0.0:3000"))
        }
    }

    @Test(arguments: ["serve", "dev", "migrate"])
    func `names an unknown flag and ends with 2`(command: String) async throws {
        try await Site.run("flag") { site in
            let outcome = try await site.sagad(
                command, "--database-url", "sqlite:\(site.stage.path("sagad.db"))",
                "--http-lisen", "127.0.0.1:0")
            #expect(outcome.end == .status(2))
            #expect(outcome.output.contains("--http-lisen"))
            #expect(!FileManager.default.fileExists(atPath: site.stage.path("sagad.db")))
        }
    }

    @Test func `refuses a definition that was changed after it ran, and says in what`()
        async throws
    {
        try await Site.run("changed") { site in
            let shipped = URL(filePath: site.programs.sagas)
            let order = try String(
                contentsOf: shipped.appending(path: "order.yaml"), encoding: .utf8)
            let schema = try String(
                contentsOf: shipped.appending(path: "order.schema.json"), encoding: .utf8)
            try site.write(order, to: "sagas/order.yaml")
            try site.write(schema, to: "sagas/order.schema.json")
            var own = site
            own.programs.sagas = site.stage.path("sagas")

            let daemon = try own.dev()
            try await daemon.startReady(within: Site.patience)
            let ran = try await Caller(port: daemon.port).call(Self.order.request())
            try #require(ran.status == 201, "\(ran.text)")
            #expect(await daemon.stop() == .status(0))

            let changed = order.replacing("timeout: 24h", with: "timeout: 36h")
            try #require(changed != order)
            try site.write(changed, to: "sagas/order.yaml")
            try await daemon.start()
            try await eventually(within: Site.patience, "the daemon ends") {
                await daemon.pid == nil
            }
            #expect(await daemon.wait() == .status(2))
            let told = daemon.log.joined(separator: "\n")
            #expect(told.contains("order.yaml"))
            #expect(told.contains("version 1 of saga 'order'"))
            #expect(told.contains("timeout"))
            #expect(told.contains("24h") && told.contains("36h"))
            #expect(told.contains("version: 2"))

            try site.write(
                changed.replacing("version: 1", with: "version: 2"), to: "sagas/order.yaml")
            try await daemon.startReady(within: Site.patience)
            #expect(await daemon.stop() == .status(0))
        }
    }
}

/// What the program says of itself.
@Suite(.timeLimit(.minutes(5))) struct `The help` {
    @Test func `on the configuration lists every setting of the reference page`() async throws {
        try await Site.run("help") { site in
            let page = URL(filePath: site.programs.sagas).deletingLastPathComponent()
                .appending(path: "docs/configuration.md")
            let settings = try String(contentsOf: page, encoding: .utf8).split(separator: "\n")
                .filter { $0.hasPrefix("| `") }.compactMap {
                    $0.split(separator: "`").dropFirst().first
                }
            try #require(settings.count > 20)
            let outcome = try await site.sagad("help", "config")
            #expect(outcome.end == .status(0))
            for setting in settings {
                #expect(outcome.output.contains("\n\(setting)  ("), "\(setting) is not listed")
            }
        }
    }
}
