import Logging
import SagaCore
import SagaTestKit
import Synchronization
import Testing

@testable import SagaRuntime

@Suite struct `A provoked failure` {
    @Test func `has a participant answer what it never said, and is in the journal`() async throws {
        let yard = try await FaultYard()
        try await yard.set(
            ["saga": "order", "step": "payment", "outcome": "declined", "times": 1])
        try await yard.running {
            let record = try await yard.ended(try await yard.order())
            #expect(record.status == .compensated)
            #expect(yard.subjects == [])
            let strikes = try await yard.store.faultStrikes(on: record.identity.id)
            #expect(strikes.map(\.rule) == ["x"])
            #expect(strikes.map(\.sagaVersion) == [1])
            let detail = try Value(json: try #require(strikes.first).detail)
            #expect(detail["what"] == "outcome declined")
            #expect(detail["step"] == "payment")
            #expect(detail["attempt"] == 1)
        }
    }

    @Test func `has a participant fail once, and the next attempt goes through`() async throws {
        let yard = try await FaultYard()
        try await yard.set([
            "step": "payment", "error": ["code": "down", "retriable": true], "times": 1,
        ])
        try await yard.running {
            let record = try await yard.ended(try await yard.order())
            #expect(record.status == .completed)
            #expect(yard.bus.sentCommands.map(\.command.attempt) == [2, 1])
        }
    }

    @Test func `drops a command, which is sent again`() async throws {
        let yard = try await FaultYard()
        try await yard.set(["step": "payment", "timeout": true, "times": 1])
        try await yard.running {
            let record = try await yard.ended(try await yard.order())
            #expect(record.status == .completed)
            #expect(yard.subjects == ["payments.debit", "reviews.review"])
            #expect(yard.clock.now() > yard.startedAt)
        }
    }

    @Test func `loses a reply, which comes again with the next attempt`() async throws {
        let yard = try await FaultYard()
        try await yard.set(["step": "payment", "lose_reply": true, "times": 1])
        try await yard.running {
            let record = try await yard.ended(try await yard.order())
            #expect(record.status == .completed)
            #expect(yard.subjects == ["payments.debit", "payments.debit", "reviews.review"])
        }
    }

    @Test func `has a reply come later`() async throws {
        let yard = try await FaultYard()
        try await yard.set(["step": "payment", "late_reply": "5s"])
        try await yard.running {
            let record = try await yard.ended(try await yard.order())
            #expect(record.status == .completed)
            #expect(yard.subjects == ["payments.debit", "reviews.review"])
            #expect(record.updatedAt >= yard.startedAt + .seconds(5))
            #expect(record.updatedAt < yard.startedAt + .seconds(10))
        }
    }

    @Test func `sends a command several times, each for itself`() async throws {
        let yard = try await FaultYard()
        try await yard.set(["step": "payment", "duplicate": 3])
        try await yard.running {
            let record = try await yard.ended(try await yard.order())
            #expect(record.status == .completed)
            try await yard.passTime { yard.bus.sentCommands.count == 4 }
            let debits = yard.bus.sentCommands.filter { $0.command.path == "payment" }
            #expect(Set(debits.map(\.command.id)).count == 1)
            #expect(Set(debits.map(\.messageID)).count == 3)
        }
    }

    @Test func `sends a command later`() async throws {
        let yard = try await FaultYard()
        try await yard.set(["step": "review", "delay": "2s"])
        try await yard.running {
            let record = try await yard.ended(try await yard.order())
            #expect(record.status == .completed)
            #expect(record.updatedAt >= yard.startedAt + .seconds(2))
            #expect(record.updatedAt < yard.startedAt + .seconds(30))
        }
    }

    @Test func `lets the next command overtake one, or a second pass`() async throws {
        let yard = try await FaultYard()
        try await yard.set(["step": "payment", "key": "first", "reorder": true])
        let bus = yard.faultyBus
        let first = yard.command(1, key: "first")
        let second = yard.command(2, key: "second")
        #expect(await bus.send([first]) == [.unknown])
        #expect(yard.bus.sentCommands == [])
        _ = await bus.send([second])
        #expect(yard.bus.sentCommands.map(\.saga.key) == ["second", "first"])
        try await yard.running {
            let alone = yard.command(3, key: "first")
            _ = await bus.send([alone])
            try await yard.passTime { yard.bus.sentCommands.count == 3 }
        }
    }

    @Test func `has commands refused, and those of a lost connection unanswered`() async throws {
        let yard = try await FaultYard()
        try await yard.set(["step": "payment", "key": "a", "bus": "publish_refused"], "refused")
        try await yard.set(["step": "payment", "key": "b", "bus": "disconnect"], "lost")
        let refused = await yard.faultyBus.send([yard.command(1, key: "a")])
        #expect(refused == [.refused("the fault 'refused' has it refused")])
        let both = [yard.command(2, key: "b"), yard.command(3, key: "c")]
        #expect(await yard.faultyBus.send(both) == [.unknown, .unknown])
        #expect(await yard.faultyBus.publish([Sample.recorded("e")]) == [.unknown])
        #expect(await yard.faultyBus.send([yard.command(4, key: "c")]) == [.unknown])
        #expect(yard.bus.sentCommands == [])
        yard.clock.advance(by: .seconds(1))
        _ = await yard.faultyBus.send([yard.command(5, key: "c")])
        #expect(yard.bus.sentCommands.map(\.saga.key) == ["c"])
    }

    @Test(arguments: ["conflict", "lost_connection", "lost_commit_answer", "slow 2s"])
    func `of the store loses and doubles nothing`(trouble: String) async throws {
        let yard = try await FaultYard()
        try await yard.set(["step": "review", "store": .string(trouble)])
        try await yard.running {
            let record = try await yard.ended(try await yard.order())
            #expect(record.status == .completed)
            #expect(yard.subjects == ["payments.debit", "reviews.review"])
            let strikes = try await yard.store.faultStrikes(on: record.identity.id)
            // The commit that opens the step, and the one that takes its answer.
            #expect(strikes.map(\.sagaVersion) == [1, 2])
            let journal = try await yard.store.journal(
                of: record.identity.id, after: 0, limit: 10)
            #expect(journal.map(\.version) == [1, 2, 3])
        }
    }

    @Test(arguments: [
        ("before_commit", 0, 0), ("after_commit", 1, 0), ("after_publish", 1, 1),
        ("before_ack", 2, 1),
    ])
    func `ends the process where the rule says`(
        point: String, stored: Int, sent: Int
    ) async throws {
        let yard = try await FaultYard()
        try await yard.set(["step": "payment", "crash": .string(point), "times": 1])
        yard.onCrash { yard in
            yard.note(
                stored: yard.store.calls(of: .start) + yard.store.calls(of: .commit),
                sent: yard.bus.sentCommands.count, open: yard.bus.openReplies)
        }
        try await yard.running {
            _ = try? await yard.order()
            try await yard.passTime { yard.crashes.count == 1 }
            let crash = try #require(yard.crashes.first)
            #expect(crash.sent == sent)
            // Once a command is out, its answer may have come before the process ends.
            if point != "after_publish" {
                #expect(crash.stored == stored)
                #expect(crash.open == (point == "before_ack" ? 1 : 0))
            }
            #expect(try await yard.store.faults().map(\.struck) == [1])
        }
    }

    @Test func `strikes no more often than it may, whoever strikes`() async throws {
        let yard = try await FaultYard()
        try await yard.set(["step": "payment", "timeout": true, "times": 2])
        let other = yard.anotherBoard()
        try await other.refresh()
        let (target, later) = (FaultTarget(yard.command(1)), FaultTarget(yard.command(2)))
        #expect(await yard.board.strike(target, by: yard.board.rules(at: .command)) != nil)
        #expect(await other.strike(later, by: other.rules(at: .command)) != nil)
        #expect(await yard.board.strike(later, by: yard.board.rules(at: .command)) == nil)
        #expect(yard.board.rules(at: .command).isEmpty)
    }

    @Test func `strikes nothing where it cannot be recorded`() async throws {
        let yard = try await FaultYard()
        try await yard.set(["step": "payment", "timeout": true])
        yard.store.failNext(.recordStrike, .unavailable)
        _ = await yard.faultyBus.send([yard.command(1)])
        #expect(yard.bus.sentCommands.count == 1)
    }

    @Test func `strikes the one saga whose start asked for it`() async throws {
        let yard = try await FaultYard()
        try await yard.set([
            "saga": "order", "step": "payment", "share": "0%", "outcome": "declined",
        ])
        try await yard.running {
            let spared = try await yard.ended(try await yard.order())
            #expect(spared.status == .completed)
            let chosen = try await yard.ended(try await yard.order(faults: ["x"]))
            #expect(chosen.status == .compensated)
            #expect(
                try await yard.store.assignedFaults(of: [chosen.identity.id])
                    == [chosen.identity.id: ["x"]])
        }
    }

    @Test func `is kept for no saga whose start is refused`() async throws {
        let definitions = [Workshop.order, Workshop.priced]
        let yard = try await FaultYard(catalog: FaultLanguage.catalog(of: definitions))
        try await yard.set(["saga": "order", "step": "payment", "outcome": "declined"])
        try await yard.running {
            let body: Value = ["amount": 19]
            var request = StartRequest(
                definition: "priced", body: body, digest: SHA256.digest(of: body.jsonBytes))
            request.faults = ["x"]
            await #expect {
                try await yard.coordinator.start(request)
            } throws: { error in
                guard case .refused(.notComputable) = error as? StartProblem else { return false }
                return true
            }
            #expect(yard.store.calls(of: .assignFaults) == 0)
        }
    }
}

/// A coordinator over a store and a bus in memory that are struck as rules say.
final class FaultYard: Sendable {
    struct Crash: Sendable {
        var stored: Int
        var sent: Int
        var open: Int
    }

    let clock = ManualClock()
    let store: InMemoryStore
    let bus: InMemoryBus
    let board: FaultBoard
    let faultyBus: FaultyBus
    let coordinator: Coordinator
    let startedAt: Instant
    private let crash = CrashHook()

    init(catalog: Catalog = FaultLanguage.catalog) async throws {
        store = InMemoryStore(clock: clock)
        bus = InMemoryBus(clock: clock)
        startedAt = clock.now()
        try await bus.prepare(streams: ["ORDERS"])
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        board = FaultBoard(
            store: store, catalog: catalog, clock: clock, language: .spare,
            logger: logger)
        let hook = crash
        faultyBus = FaultyBus(
            bus, store: store, board: board, clock: clock, crash: { hook.strike() })
        coordinator = Coordinator(
            store: FaultyStore(store, board: board, clock: clock, crash: { hook.strike() }),
            bus: faultyBus, clock: clock, catalog: catalog, logger: logger,
            faults: board)
        bus.participant(on: "payments.debit") { _ in .outcome("debited") }
        bus.participant(on: "reviews.review") { _ in .outcome("approved") }
        bus.participant(on: "payments.void") { _ in .outcome("done") }
    }

    /// What the commands were for that reached the stream.
    var subjects: [String] { bus.sentCommands.map(\.command.subject) }

    /// Another daemon's board.
    func anotherBoard() -> FaultBoard {
        FaultBoard(
            store: store, catalog: FaultLanguage.catalog, clock: clock, language: .spare,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func set(_ members: Value, _ name: String = "x") async throws {
        var document = try #require(members.members)
        document["name"] = .string(name)
        _ = try await board.set(.map(document), by: "anna")
    }

    func command(_ number: Int, key: String? = nil) -> OutgoingCommand {
        var command = Sample.command(number, saga: number)
        if let key { command.saga.key = key }
        return command
    }

    func running(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { try await self.coordinator.run() }
            group.addTask { await self.faultyBus.run() }
            await coordinator.settledIn()
            try await body()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    func order(faults: [String] = []) async throws -> SagaID {
        let body: Value = ["amount": 19]
        var request = StartRequest(
            definition: "order", body: body, digest: SHA256.digest(of: body.jsonBytes))
        request.faults = faults
        return try await coordinator.start(request).identity.id
    }

    func ended(_ id: SagaID) async throws -> SagaRecord {
        try await passTime { try await self.store.load([id]).first?.endedAt != nil }
        return try #require(try await store.load([id]).first)
    }

    func passTime(
        until holds: () async throws -> Bool, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        for _ in 0..<20_000 {
            if try await holds() { return }
            for _ in 0..<200 { await Task.yield() }
            if try await holds() { return }
            _ = clock.advanceToNextWakeUp()
            for _ in 0..<200 { await Task.yield() }
        }
        Issue.record("it did not come to that", sourceLocation: sourceLocation)
    }

    // MARK: Crashes

    var crashes: [Crash] { crash.crashes.withLock { $0 } }

    func onCrash(_ body: @escaping @Sendable (FaultYard) -> Void) {
        crash.body.withLock { $0 = { [weak self] in if let self { body(self) } } }
    }

    func note(stored: Int, sent: Int, open: Int) {
        crash.crashes.withLock { $0.append(Crash(stored: stored, sent: sent, open: open)) }
    }
}

/// What happens where a process would end.
private final class CrashHook: Sendable {
    let body = Mutex<@Sendable () -> Void>({})
    let crashes = Mutex<[FaultYard.Crash]>([])

    func strike() { body.withLock { $0 }() }
}
