import LoadClient
import OrderWorkers
import SagaCore

/// What `make demo` shows: four orders on `sagad dev`, what became of each, and the ledger that adds
/// up.
package enum Demo {
    /// The longest that an order may take to its end.
    static let patience: Duration = .seconds(60)
    /// How many orders are on their way when the daemon is killed.
    static let crowd = 60
    /// Between two looks at how far they are.
    static let look: Duration = .milliseconds(5)
    /// How often the daemon is killed until an order was caught in the middle.
    static let rounds = 5

    /// Runs the demo; answers the exit status: 0 only if the ledger adds up.
    package static func run(_ arguments: [String]) async -> Int32 {
        do {
            return try await untilInterrupted {
                let keeps = arguments.contains("--keep")
                return try await Stage.run("demo", keep: keeps) { stage in
                    try await Run(stage: stage, programs: Programs.find()).show()
                }
            }
        } catch let interrupted as Interrupted {
            Terminal.complain("\(interrupted)")
            return interrupted.exitCode
        } catch {
            Terminal.complain("the demo failed: \(error)")
            return 1
        }
    }
}

/// One run of the demo.
private struct Run {
    let stage: Stage
    let daemon: Daemon
    let reader: SagaReader
    let terminal = Terminal.output

    init(stage: Stage, programs: Programs) throws {
        self.stage = stage
        daemon = try Daemon(
            .dev, settings: [("state-directory", stage.path("state"))], on: stage,
            programs: programs)
        reader = SagaReader(port: daemon.port)
    }

    func show() async throws -> Int32 {
        terminal.line(
            terminal.styled("sagad dev", .bold)
                + " starts: SQLite, a nats-server of its own, the order participants")
        try await daemon.startReady()
        var told: [Told] = []
        told.append(try await tell("An order is approved", Order.soup("r-1")))
        told.append(
            try await tell("A payment is declined: 1900.00 is over the card's limit", .feast))
        told.append(
            try await tell(
                "A review says no: what was debited is voided", Order.soup("blocked-7", .rejected)))
        told += try await tellOfKill()
        let isRight = try await Balance(terminal: terminal, path: stage.path("state/workers.db"))
            .show(told)
        _ = await daemon.stop()
        return isRight ? 0 : 1
    }

    private func tell(_ title: String, _ order: Order) async throws -> Told {
        heading(title)
        let posted = try await Caller(port: daemon.port).post(order, until: .now + Demo.patience)
        let told = try await wait(for: posted)
        Timeline(terminal: terminal, journal: told.journal, killedAt: nil).show()
        return told
    }

    private func wait(for posted: PostedOrder) async throws -> Told {
        try await eventually(within: Demo.patience, "order \(posted.key) ends") {
            try await reader.saga(posted.sagaID)["ended_at"]?.text != nil
        }
        return Told(
            posted: posted, document: try await reader.order(posted.key),
            journal: try await reader.journal(of: posted.sagaID))
    }

    /// Kills the daemon while orders are on their way, until one of them was caught after its
    /// debit and before its end.
    private func tellOfKill() async throws -> [Told] {
        heading("The daemon is killed (kill -9) in the middle of orders, and started again")
        var all: [Told] = []
        for _ in 0..<Demo.rounds {
            let (posted, killedAt) = try await killAmong(Demo.crowd)
            var told: [Told] = []
            for one in posted { told.append(try await wait(for: one)) }
            all += told
            let accepted = told.count { $0.versions(at: killedAt) > 0 }
            let caught = told.filter { $0.wasUnderWay(at: killedAt) }
            guard let shown = caught.first(where: { $0.wasDebited(at: killedAt) }) else { continue }
            terminal.line(
                "  \(accepted) orders had been accepted, \(caught.count) of them were under way; "
                    + "all have ended. One of these:")
            Timeline(terminal: terminal, journal: shown.journal, killedAt: killedAt).show()
            return all
        }
        throw LaunchFailure(
            description: "the daemon was killed \(Demo.rounds) times and no order was under way")
    }

    /// Posts orders from as many callers, and kills the daemon once some have been debited.
    private func killAmong(_ count: Int) async throws -> ([PostedOrder], Instant) {
        let before = try await answersCommitted()
        let loop = LoadLoop(
            port: daemon.port, connections: count, deadline: .now + Demo.patience)
        async let posted = loop.closed(
            (0..<count).map {
                Order.soup("r-\($0)", key: "kill-\($0)-\(UInt64.random(in: 0...(.max)))")
            })
        try await eventually(within: Demo.patience, pause: Demo.look, "some orders are debited") {
            try await answersCommitted() > before
        }
        try await daemon.kill()
        let killedAt = Instant.machine
        try await daemon.startReady()
        return (try await posted, killedAt)
    }

    /// How many transitions the daemon has made so far, acceptances not counted: the first of each
    /// order is its payment's answer.
    private func answersCommitted() async throws -> Double {
        try await reader.metric("sagad_transitions_total")
    }

    private func heading(_ text: String) {
        terminal.line()
        terminal.line(terminal.styled(text, .bold))
    }
}

/// An order that has ended, with its journal.
struct Told: Sendable {
    let posted: PostedOrder
    let document: Value
    let journal: [Value]

    /// The times of the transitions.
    private var times: [Instant] { journal.compactMap(Timeline.time) }

    /// How many transitions there were by then.
    func versions(at instant: Instant) -> Int { times.filter { $0 <= instant }.count }

    /// Whether the payment's answer was committed by then.
    func wasDebited(at instant: Instant) -> Bool {
        journal.contains { row in
            Timeline.time(of: row).map { $0 <= instant } == true
                && row["entries"]?.elements?.contains {
                    $0["kind"]?.text == "step_completed" && $0["step"]?.text == "payment"
                } == true
        }
    }

    /// Whether some transitions came before that time and others after it.
    func wasUnderWay(at instant: Instant) -> Bool {
        let before = versions(at: instant)
        return before > 0 && before < times.count
    }
}

extension Order {
    /// Two soups for 19.00.
    static func soup(_ restaurant: String, _ story: Story = .approved, key: String? = nil) -> Order
    {
        Order(
            story, items: [Item("Soup", cents: 950, quantity: 2)], customer: "c-1",
            restaurant: restaurant, idempotencyKey: key ?? "demo-\(story.rawValue)-\(restaurant)")
    }

    /// A feast for 1900.00.
    static var feast: Order {
        Order(
            .declined, items: [Item("Feast", cents: 190_000)], customer: "c-2", restaurant: "r-1",
            idempotencyKey: "demo-declined")
    }
}
