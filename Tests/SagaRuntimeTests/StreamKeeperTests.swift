import SagaCore
import SagaTestKit
import Testing

@testable import SagaRuntime

@Suite struct `A keeper of streams` {
    @Test func `says nothing of a stream that is whole when it is first looked at`() async throws {
        let yard = try await Yard()
        try await yard.publish(10)
        var daemon = yard.daemon()
        await daemon.look()
        #expect(try await yard.isWhole())
        #expect(yard.lines.all == [])
        #expect(try await yard.store.memory(of: "ORDERS") != nil)
    }

    @Test(arguments: [true, false])
    func `fills a stream that was lost and made anew, and tells it in one line`(
        isWhileStopped: Bool
    ) async throws {
        let yard = try await Yard()
        try await yard.publish(10)
        var daemon = yard.daemon()
        await daemon.look()
        yard.bus.deleteStream("ORDERS", isMadeAgain: true)
        if isWhileStopped { daemon = yard.daemon() }
        try await yard.publish(3)
        await daemon.look()
        #expect(try await yard.isWhole())
        try #require(yard.lines.all.count == 1)
        #expect(yard.lines.all[0].contains("stream=ORDERS"))
        #expect(yard.lines.all[0].contains("events=10"))
        await daemon.look()
        #expect(yard.lines.all.count == 1)
    }

    @Test func `waits for a stream that is gone, and fills it once it is there`() async throws {
        let yard = try await Yard()
        try await yard.publish(5)
        var daemon = yard.daemon()
        await daemon.look()
        yard.bus.deleteStream("ORDERS", isMadeAgain: false)
        await daemon.look()
        #expect(yard.published == [])
        try await yard.bus.prepare(streams: ["ORDERS"])
        await daemon.look()
        #expect(try await yard.isWhole())
    }

    @Test func `sends again what a stream lost of its end, from the last place before it`()
        async throws
    {
        let yard = try await Yard()
        var daemon = yard.daemon()
        try await yard.publish(100)
        await daemon.mark()
        try await yard.publish(10)
        await daemon.look()
        yard.bus.loseTail(of: "ORDERS", behind: 105)
        let reads = yard.store.calls(of: .feed)
        await daemon.look()
        #expect(try await yard.isWhole())
        #expect(yard.lines.all.count == 1)
        #expect(yard.lines.all.first?.contains("events=5") == true)
        #expect(yard.store.calls(of: .feed) - reads <= 4, "it reads no more than what came last")
    }

    @Test func `takes no stream for whole that loses its end while it is repaired`() async throws {
        let yard = try await Yard()
        var daemon = yard.daemon()
        try await yard.publish(8)
        await daemon.mark()
        try await yard.publish(10)
        await daemon.look()
        yard.bus.loseTail(of: "ORDERS", behind: 9)
        // The first page of what is stored was sent, and is lost before the second.
        yard.store.beforeNext(.feed) {}
        yard.store.beforeNext(.feed) { yard.bus.loseTail(of: "ORDERS", behind: 9) }
        await daemon.look()
        yard.clock.advance(by: .seconds(5))
        await daemon.look()
        #expect(try await yard.isWhole())
    }

    @Test func `looks for the last event of each stream of those that were published together`()
        async throws
    {
        let yard = try await Yard()
        var daemon = yard.daemon()
        try await yard.publish(10)
        await daemon.mark()
        let ours = try await yard.publish(4)
        var other = ours[0]
        other.receipt.stream = "TRIPS"
        daemon.keeper.note(published: ours + [other])
        yard.bus.loseTail(of: "ORDERS", behind: 11)
        daemon.keeper.note(published: try await yard.publish(9) + [other])
        await daemon.look()
        #expect(try await yard.isWhole())
    }

    @Test func `keeps what it published in mind while the database is away`() async throws {
        let yard = try await Yard()
        var daemon = yard.daemon()
        try await yard.publish(10)
        await daemon.mark()
        daemon.keeper.note(published: try await yard.publish(4))
        yard.bus.loseTail(of: "ORDERS", behind: 11)
        yard.store.setAway(true)
        await daemon.look()
        yard.store.setAway(false)
        daemon.keeper.note(published: try await yard.publish(9))
        await daemon.look()
        #expect(try await yard.isWhole())
    }

    @Test(arguments: [false, true])
    func `finds that messages were lost whose numbers others have taken since`(
        hadComeBefore: Bool
    ) async throws {
        let yard = try await Yard()
        var daemon = yard.daemon()
        try await yard.publish(10)
        await daemon.mark()
        var ours = try await yard.publish(4)
        for place in ours.indices { ours[place].isDuplicate = hadComeBefore }
        daemon.keeper.note(published: ours)
        yard.bus.loseTail(of: "ORDERS", behind: 11)
        daemon.keeper.note(published: try await yard.publish(9))
        #expect(try await !yard.isWhole())
        await daemon.look()
        #expect(try await yard.isWhole())
    }

    @Test func `finds that messages were lost although the newest lies under its number again`()
        async throws
    {
        let yard = try await Yard()
        var daemon = yard.daemon()
        try await yard.publish(10)
        await daemon.mark()
        daemon.keeper.note(published: try await yard.publish(1))
        // Its acknowledgement is lost, so that it is sent again.
        let newest = try await yard.append(1)
        _ = await yard.bus.publish(newest)
        await daemon.look()
        yard.bus.loseTail(of: "ORDERS", behind: 10)
        _ = await yard.bus.publish(try await yard.append(1) + newest)
        #expect(yard.published.count == 12, "it stands as it did")
        await daemon.look()
        #expect(try await yard.isWhole())
    }

    @Test(arguments: [3, 6])
    func
        `finds that messages were lost that another daemon did not know of, and took the stream for whole`(
            since: Int
        ) async throws
    {
        let yard = try await Yard()
        var daemon = yard.daemon()
        var other = yard.daemon()
        try await yard.publish(10)
        await daemon.mark()
        await other.mark()
        try await yard.publish(5)
        await daemon.look()
        yard.bus.loseTail(of: "ORDERS", behind: 11)
        yard.clock.advance(by: .seconds(31))
        try await yard.publish(since)
        await other.mark()
        #expect(try await !yard.isWhole())
        await daemon.look()
        #expect(try await yard.isWhole())
    }

    @Test func `fills a stream that somebody emptied, once it forgets the ids`() async throws {
        let yard = try await Yard()
        var daemon = yard.daemon()
        try await yard.publish(12)
        await daemon.mark()
        yard.bus.purgeStream("ORDERS", upTo: 7)
        await daemon.look()
        #expect(yard.published.count == 5, "the ids are still known")
        yard.bus.forgetMessageIDs()
        yard.clock.advance(by: .seconds(120))
        await daemon.look()
        #expect(try await yard.isWhole())
        #expect(yard.lines.all.filter { $0.contains("is whole again") }.count == 1)
    }

    @Test func `sends nothing twice that another one publishes meanwhile`() async throws {
        let yard = try await Yard()
        var daemon = yard.daemon()
        try await yard.publish(20)
        await daemon.look()
        yard.bus.deleteStream("ORDERS", isMadeAgain: true)
        let waiting = try await yard.append(8)
        // Published while the repair reads the event store, whose ids the stream then forgets.
        yard.store.beforeNext(.feed) {
            _ = await yard.bus.publish(waiting)
            yard.bus.forgetMessageIDs()
        }
        await daemon.look()
        #expect(try await yard.isWhole())
    }

    @Test func `sends nothing again that came between a place and the message beside it`()
        async throws
    {
        let yard = try await Yard()
        var daemon = yard.daemon()
        try await yard.publish(10)
        await daemon.look()
        yard.clock.advance(by: yard.limits.markEvery)
        try await yard.publish(3)
        await daemon.look()
        // The place is that of the thirteenth event; these come before it is written down.
        try await yard.publish(4)
        yard.clock.advance(by: .seconds(31))
        await daemon.look()
        let memory = try #require(await yard.store.memory(of: "ORDERS"))
        let mark = try #require(try StreamKnowledge(text: memory.content).marks.last)
        #expect((mark.floor, mark.number) == (13, 17))
        try await yard.publish(2)
        await daemon.look()
        yard.bus.loseTail(of: "ORDERS", behind: 18)
        yard.bus.forgetMessageIDs()
        await daemon.look()
        #expect(try await yard.isWhole())
        #expect(yard.lines.all.first?.contains("events=1 ") == true, "\(yard.lines.all)")
    }

    @Test func `takes nothing for lost that is published while it looks`() async throws {
        let yard = try await Yard()
        var daemon = yard.daemon()
        try await yard.publish(10)
        await daemon.look()
        let waiting = try await yard.append(1)
        let keeper = daemon.keeper
        // The first look is at the commands.
        yard.store.beforeNext(.memory) {}
        yard.store.beforeNext(.memory) {
            let answers = await yard.bus.publish(waiting)
            keeper.note(
                published: zip(waiting, answers).compactMap { event, answer in
                    answer.receipt.map {
                        PublishedEvent(event: event, receipt: $0, isDuplicate: false)
                    }
                })
        }
        let reads = yard.store.calls(of: .feed)
        await daemon.look()
        #expect(yard.store.calls(of: .feed) == reads, "nothing is to be repaired")
    }

    @Test func `leaves a stream to the daemon that repairs it, unless that one is gone`()
        async throws
    {
        let yard = try await Yard()
        var first = yard.daemon()
        var second = yard.daemon()
        try await yard.publish(10)
        let afterComparing = await first.look()
        #expect(afterComparing == 0)
        yard.bus.deleteStream("ORDERS", isMadeAgain: true)
        yard.bus.failNextEvents(.loseUnacknowledged, times: 4)
        await first.look()
        let whileRepaired = await second.look()
        #expect(whileRepaired == 1)
        #expect(yard.published == [], "the first one has it")
        yard.clock.advance(by: yard.limits.claim + .seconds(1))
        let afterRepairing = await second.look()
        #expect(afterRepairing == 0)
        #expect(try await yard.isWhole())
        await first.look()
        #expect(try await yard.isWhole())
        #expect(yard.lines.all.filter { $0.contains("is whole again") }.count == 1)
    }

    @Test func `takes up a repair that its daemon did not end`() async throws {
        let yard = try await Yard()
        var daemon = yard.daemon()
        try await yard.publish(30)
        await daemon.mark()
        daemon.keeper.note(published: try await yard.publish(4))
        yard.bus.loseTail(of: "ORDERS", behind: 31)
        try await yard.publish(9)
        yard.bus.failNextEvents(.loseUnacknowledged, times: 3)
        await daemon.look()
        #expect(try await !yard.isWhole())
        // Only the daemon that died knew what it had published.
        var next = yard.daemon()
        yard.clock.advance(by: yard.limits.claim + .seconds(1))
        await next.look()
        #expect(try await yard.isWhole())
    }

    @Test func `goes on when the database or the broker was away`() async throws {
        let yard = try await Yard()
        var daemon = yard.daemon()
        try await yard.publish(10)
        await daemon.look()
        yard.bus.deleteStream("ORDERS", isMadeAgain: true)
        yard.store.setAway(true)
        await daemon.look()
        yard.store.setAway(false)
        yard.bus.setAway(true)
        await daemon.look()
        yard.bus.setAway(false)
        await daemon.look()
        #expect(try await yard.isWhole())
    }

    @Test func `takes no stream for whole whose broker refuses what it lacks`() async throws {
        let yard = try await Yard()
        var daemon = yard.daemon()
        try await yard.publish(10)
        await daemon.look()
        yard.bus.deleteStream("ORDERS", isMadeAgain: true)
        yard.bus.failNextEvents(.refuse("no room"))
        await daemon.look()
        #expect(try await !yard.isWhole())
        #expect(yard.lines.all.count == 1)
        #expect(yard.lines.all.first?.contains("the broker refuses 1 of the events") == true)
        yard.clock.advance(by: .seconds(5))
        await daemon.look()
        #expect(try await yard.isWhole())
    }

    @Test func `has open commands sent again where the commands were lost`() async throws {
        let yard = try await Yard()
        var daemon = yard.daemon()
        _ = await yard.bus.send([Sample.command(1), Sample.command(2)])
        await daemon.look()
        #expect(yard.resendCount == 0)
        yard.bus.deleteStream("SAGA_COMMANDS", isMadeAgain: true)
        await daemon.look()
        #expect(yard.resendCount == 1)
        #expect(yard.lines.all.count == 1)
        await daemon.look()
        #expect(yard.resendCount == 1)
        _ = await yard.bus.send([Sample.command(1), Sample.command(2)])
        await daemon.look()
        yard.bus.loseTail(of: "SAGA_COMMANDS", behind: 1)
        await daemon.look()
        #expect(yard.resendCount == 2)
    }

    @Test func `leaves what a newer daemon remembers alone`() async throws {
        let yard = try await Yard()
        let memory = StreamMemory(stream: "ORDERS", revision: 0, content: #"{"form":2}"#)
        _ = try await yard.store.remember(memory)
        var daemon = yard.daemon()
        try await yard.publish(1)
        await daemon.look()
        #expect(try await yard.store.memory(of: "ORDERS")?.content == memory.content)
    }
}

@Suite struct `What is remembered of a stream` {
    private static let standing = StreamStanding(
        identity: "2026-11-26T07:43:40Z", first: 1, last: 90, messages: 90)

    @Test func `is the same after it was written and read`() throws {
        var known = StreamKnowledge(Self.standing)
        known.add(
            StreamKnowledge.Mark(
                number: 9, floor: 7, messageID: "o-\u{301}2 \"x\"",
                place: FeedPlace(isPastEarly: true, numbers: [3: .max, 17: 1 << 60]),
                at: Sample.time(5)), limit: 8)
        known.add(
            StreamKnowledge.Mark(
                number: 0, messageID: nil, place: FeedPlace(isPastEarly: true), at: Sample.epoch),
            limit: 8)
        #expect(try StreamKnowledge(text: known.text) == known)
        known.claim = StreamKnowledge.Claim(owner: "a", until: Sample.time(9), trusted: .max)
        #expect(try StreamKnowledge(text: known.text) == known)
    }

    @Test(arguments: ["", "[]", #"{"form":1}"#, #"{"form":"1"}"#])
    func `is refused where it is none`(text: String) {
        #expect(throws: StreamKnowledge.Unreadable.malformed) { try StreamKnowledge(text: text) }
    }

    @Test func `has few places, the closer together the newer they are`() {
        var known = StreamKnowledge(Self.standing)
        for minute in 0..<1000 {
            known.add(
                StreamKnowledge.Mark(
                    number: UInt64(minute), messageID: "m", place: FeedPlace(isPastEarly: true),
                    at: Sample.time(60 * minute)), limit: 8)
        }
        let numbers = known.marks.map(\.number)
        #expect(numbers.count == 8)
        #expect(numbers == numbers.sorted())
        #expect(numbers.first == 0)
        #expect(numbers.last == 999)
        let gaps = zip(numbers.dropFirst(), numbers).map { $0 - $1 }
        #expect(gaps == gaps.sorted(by: >), "\(numbers)")
    }

    @Test func `tells what a stream has lost`() {
        let known = StreamKnowledge(Self.standing)
        var now = Self.standing
        #expect(known.trouble(now) == nil)
        now.messages = 80
        #expect(known.trouble(now) == .thinned(from: 90, to: 80))
        now.limits.age = .seconds(60)
        #expect(known.trouble(now) == nil, "its limits drop messages")
        now.last = 89
        #expect(known.trouble(now) == .wentBack(from: 90, to: 89))
        now.identity = "another"
        #expect(known.trouble(now) == .madeAnew(Self.standing.identity))
    }

    @Test func `is thinned evenly of the messages that a daemon published`() {
        var witnesses = StreamWitnesses()
        for number in 1...1000 { witnesses.add(UInt64(number), "m-\(number)", limit: 16) }
        let numbers = witnesses.all.map(\.number)
        #expect((8...16).contains(numbers.count))
        let gaps = Set(zip(numbers.dropFirst(), numbers).map { $0 - $1 })
        #expect(gaps.count == 1, "\(numbers)")
    }
}
