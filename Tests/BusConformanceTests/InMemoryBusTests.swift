import SagaCore
import SagaRuntime
import SagaTestKit
import Testing

@Suite(.timeLimit(.minutes(5))) struct `The faults of a bus in memory` {
    let clock = ManualClock()
    let bus: InMemoryBus

    init() { bus = InMemoryBus(clock: clock) }

    @Test func `let a scripted participant answer while the command is sent`() async throws {
        bus.participant(on: "payments.>") { command in
            command.command.attempt == 1 ? .error("busy", isRetriable: true) : .outcome("debited")
        }
        _ = await bus.send([Sample.command(1), Sample.command(1, attempt: 2)])
        let answers = try await bus.nextReplies().map { try $0.content.get().reply.answer }
        #expect(
            answers == [
                .error(code: "busy", message: "", isRetriable: true),
                .outcome("debited", .map(Members())),
            ])
        #expect(bus.waitingCommands.isEmpty)
    }

    @Test func `leave a command in the stream until its participant comes`() async throws {
        bus.participant(on: "review.>") { _ in .silence }
        _ = await bus.send([Sample.command(1)])
        #expect(bus.waitingCommands.map(\.messageID) == [Sample.command(1).messageID])
        bus.participant(on: "payments.debit") { _ in .outcome("debited") }
        #expect(bus.waitingCommands.isEmpty)
        #expect(bus.openReplies == 1)
    }

    @Test func `let a participant leave a command and take it later`() async throws {
        let isOpen = Signal()
        bus.participant(on: "payments.>") { _ in isOpen.isSet ? .outcome("debited") : .leave }
        _ = await bus.send([Sample.command(1)])
        #expect(bus.waitingCommands.count == 1)
        #expect(bus.openReplies == 0)
        isOpen.set()
        bus.offerAgain()
        #expect(bus.waitingCommands.isEmpty)
        #expect(bus.openReplies == 1)
    }

    @Test func `refuse, lose, hide and double messages`() async throws {
        bus.failNextCommands(.refuse("full"))
        bus.failNextCommands(.lose)
        bus.failNextCommands(.loseUnacknowledged)
        bus.failNextCommands(.storeUnacknowledged)
        bus.failNextCommands(.deliverTwice)
        let answers = await bus.send((1...6).map { Sample.command($0) })
        #expect(answers[0] == .refused("full"))
        #expect(answers[2] == .unknown)
        #expect(answers[3] == .unknown)
        for place in [1, 4, 5] {
            guard case .stored(_, isDuplicate: false) = answers[place] else {
                Issue.record("expected stored, found \(answers[place])")
                continue
            }
        }
        let arrived = [4, 5, 5, 6].map { Sample.command($0).messageID }
        #expect(bus.waitingCommands.map(\.messageID) == arrived)
    }

    @Test func `know a lost message for a duplicate until its identity is forgotten`() async {
        bus.failNextCommands(.lose)
        _ = await bus.send([Sample.command(1)])
        let again = await bus.send([Sample.command(1)])
        guard case .stored(_, isDuplicate: true)? = again.first else {
            Issue.record("expected a duplicate, found \(again)")
            return
        }
        bus.forgetMessageIDs()
        _ = await bus.send([Sample.command(1)])
        #expect(bus.sentCommands.count == 1)
    }

    @Test func `strike by a rule`() async {
        bus.onPublish { message in
            message.subject == "saga.command.review.ask" ? .refuse("by rule") : nil
        }
        let answers = await bus.send([
            Sample.command(1), Sample.command(2, subject: "review.ask"),
        ])
        #expect(answers[1] == .refused("by rule"))
        #expect(bus.sentCommands.count == 1)
    }

    @Test func `cut the connection`() async throws {
        bus.setAway(true)
        #expect(await bus.send([Sample.command(1)]) == [.unknown])
        #expect(await bus.health().isConnected == false)
        await #expect(throws: BusError.self) { try await bus.prepare(streams: ["ORDERS"]) }
        bus.setAway(false)
        try await bus.prepare(streams: ["ORDERS"])
        #expect(bus.sentCommands.isEmpty)
    }

    @Test func `bring unacknowledged replies again at once when asked`() async throws {
        bus.reply(.outcome("late", .map(Members())), to: Sample.command(1))
        let first = await bus.nextReplies()
        bus.redeliverUnacknowledged()
        let second = await bus.nextReplies()
        #expect(second.map(\.deliveryCount) == [2])
        await bus.acknowledge(first)
        #expect(bus.openReplies == 1)
        await bus.acknowledge(second)
        #expect(bus.openReplies == 0)
    }

    @Test func `end a wait for replies that is cancelled`() async {
        let bus = bus
        let replies = await withTaskGroup(of: Int.self) { group in
            group.addTask { await bus.nextReplies().count }
            group.cancelAll()
            return await group.reduce(0, +)
        }
        #expect(replies == 0)
    }
}

@Suite(.timeLimit(.minutes(5))) struct `A clock that is moved by hand` {
    let clock = ManualClock()

    @Test func `wakes sleepers when their time has come, and no other`() async throws {
        let clock = clock
        try await withThrowingTaskGroup(of: Int.self) { group in
            for seconds in [30, 10, 20] {
                group.addTask {
                    try await clock.sleep(until: Sample.time(seconds))
                    return seconds
                }
            }
            await clock.sleepers(atLeast: 3)
            #expect(clock.nextWakeUp == Sample.time(10))
            clock.advance(by: .seconds(20))
            #expect(clock.sleeperCount == 1)
            var awake: Set<Int> = []
            awake.insert(try #require(try await group.next()))
            awake.insert(try #require(try await group.next()))
            #expect(awake == [10, 20])
            #expect(clock.advanceToNextWakeUp())
            #expect(try await group.next() == 30)
        }
        #expect(clock.now() == Sample.time(30))
        #expect(!clock.advanceToNextWakeUp())
    }

    @Test func `does not sleep until a time that has passed`() async throws {
        clock.advance(by: .seconds(5))
        try await clock.sleep(until: Sample.time(5))
        #expect(clock.sleeperCount == 0)
    }

    @Test func `never goes back`() {
        clock.advance(by: .seconds(5))
        clock.advance(to: Sample.time(1))
        #expect(clock.now() == Sample.time(5))
    }

    @Test func `wakes a sleeper that is cancelled`() async {
        let clock = clock
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                do {
                    try await clock.sleep(until: Sample.time(9))
                    return false
                } catch {
                    return error is CancellationError
                }
            }
            await clock.sleepers(atLeast: 1)
            group.cancelAll()
            #expect(await group.next() == true)
        }
        #expect(clock.sleeperCount == 0)
    }
}
