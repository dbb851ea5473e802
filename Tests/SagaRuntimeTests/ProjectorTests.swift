import Logging
import SagaCore
import SagaTestKit
import Testing

@testable import SagaRuntime

/// A projector over the in-memory store and bus.
private struct Darkroom {
    let clock = ManualClock()
    let store: InMemoryStore
    let bus: InMemoryBus
    let limits: ViewsLimits

    init(_ change: (inout ViewsLimits) -> Void = { _ in }) {
        store = InMemoryStore(clock: clock)
        bus = InMemoryBus(clock: clock)
        var limits = ViewsLimits()
        limits.gather = .zero
        change(&limits)
        self.limits = limits
    }

    func projector() -> Projector {
        Projector(
            store: store, bus: bus, clock: clock, streams: { ["ORDERS"] }, limits: limits,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Runs a projector while the body does, and until it has folded what it was told.
    func running(_ body: (Projector) async throws -> Void) async throws {
        try await running(1) { try await body($0[0]) }
    }

    func running(_ count: Int, _ body: ([Projector]) async throws -> Void) async throws {
        try await bus.prepare(streams: ["ORDERS"])
        let projectors = (0..<count).map { _ in projector() }
        try await withThrowingTaskGroup { group in
            for projector in projectors { group.addTask { await projector.run() } }
            try await body(projectors)
            for projector in projectors { projector.close() }
            try await group.waitForAll()
        }
    }

    /// Stores events of an order, recorded a second apart; answers them with their versions.
    func record(_ number: Int, _ bodies: [String], of id: String = "o-1") async throws
        -> [RecordedEvent]
    {
        let events = bodies.enumerated().map { place, body in
            Sample.event("\(id)-\(number)-\(place)", of: id, body: body)
        }
        let start = Sample.start(
            number, at: Sample.time(number), events: events)
        _ = try await store.start([start])
        let all = try await store.events(
            aggregateType: "order", aggregateID: id, after: 0, limit: 1000)
        return Array(all.suffix(bodies.count))
    }

    func view(_ id: String = "o-1") async throws -> ViewRecord? {
        try await store.views(of: [Sample.viewKey(id)]).first
    }

    /// Waits until a view has a version.
    func view(_ id: String = "o-1", at version: Int64) async throws -> ViewRecord {
        for _ in 0..<100_000 {
            if let view = try await view(id), view.version >= version { return view }
            await Task.yield()
        }
        throw Expectation("the view of \(id) did not come to version \(version)")
    }

    /// Waits until all news are acknowledged.
    func newsAreSettled() async throws {
        for _ in 0..<100_000 where bus.openNews > 0 { await Task.yield() }
        #expect(bus.openNews == 0)
    }
}

extension Projector {
    /// Tells of events that were published, none of them by the bus of the test.
    fileprivate func tell(_ events: [RecordedEvent]) {
        note(
            published: events.map {
                PublishedEvent(
                    event: $0, receipt: PublishReceipt(stream: "ELSEWHERE", sequence: 1),
                    isDuplicate: true)
            })
    }
}

extension ViewRecord {
    fileprivate var text: String { String(decoding: document, as: UTF8.self) }
}

@Suite(.timeLimit(.minutes(5))) struct `A projector` {
    @Test func `folds what this daemon published`() async throws {
        let room = Darkroom()
        try await room.running { projector in
            let events = try await room.record(
                1, [#"{"customer_id":"c-1","status":"Pending","a":{"b":1}}"#])
            projector.tell(events)
            let later = try await room.record(
                2, [#"{"status":"Approved","a":{"b":null}}"#, "[1]"])
            projector.tell(later)
            let view = try await room.view(at: 3)
            let document = #"{"customer_id":"c-1","status":"Approved","a":{}}"#
            let expected = ViewRecord(
                key: Sample.viewKey("o-1"), version: 3, rebuild: 0, status: "Approved",
                customerID: "c-1", createdAt: Sample.time(1), updatedAt: Sample.time(2),
                document: Array(document.utf8))
            #expect(view == expected)
        }
        #expect(room.store.calls(of: .eventsBehind) == 0, "what is at hand is not read")
    }

    @Test func `folds what the news tell, from the event store`() async throws {
        let room = Darkroom()
        try await room.running { _ in
            let events = try await room.record(1, [#"{"n":1}"#, #"{"n":2}"#])
            _ = await room.bus.publish(events)
            #expect(try await room.view(at: 2).text == #"{"n":2}"#)
            try await room.newsAreSettled()
        }
    }

    @Test func `folds what a definition adds to an event after the event's own data`() async throws
    {
        let room = Darkroom()
        try await room.running { projector in
            var events = try await room.record(1, [#"{"status":"said","n":1}"#, "[1]"])
            events[0].event.viewData = Array(#"{"status":"Paid"}"#.utf8)
            events[1].event.viewData = Array(#"{"n":2}"#.utf8)
            projector.tell(events)
            #expect(try await room.view(at: 2).text == #"{"status":"Paid","n":2}"#)
        }
    }

    @Test func `takes each event once, however often and in which order it comes`() async throws {
        let room = Darkroom()
        try await room.running { projector in
            let events = try await room.record(1, [#"{"a":1}"#, #"{"b":2}"#, #"{"a":null}"#])
            projector.tell([events[2], events[0], events[1], events[0]])
            #expect(try await room.view(at: 3).text == #"{"b":2}"#)
            for event in events.reversed() {
                let news = EventNews(
                    key: ViewKey(event.event), version: event.version, at: Sample.epoch,
                    sequence: 900)
                room.bus.injectNews(news, of: "ORDERS")
            }
            projector.tell(events)
            try await room.newsAreSettled()
        }
        #expect(try await room.view()?.version == 3)
        #expect(room.store.calls(of: .putViews) == 1)
    }

    @Test func `reads the event store at a gap`() async throws {
        let room = Darkroom()
        try await room.running { projector in
            let events = try await room.record(1, (1...200).map { #"{"n\#($0 % 7)":\#($0)}"# })
            projector.tell([events[0]])
            _ = try await room.view(at: 1)
            projector.tell([events[199]])
            let view = try await room.view(at: 200)
            var document = AggregateDocument()
            document.apply(events)
            #expect(view.document == document.value.jsonBytes)
        }
    }

    @Test func `believes the event store only`() async throws {
        let room = Darkroom()
        try await room.running { _ in
            let events = try await room.record(1, [#"{"n":1}"#])
            var forged = events[0]
            forged.event.body = Array(#"{"n":"forged"}"#.utf8)
            _ = await room.bus.publish([forged])
            let unknown = EventNews(
                key: Sample.viewKey("none"), version: 9, at: Sample.epoch, sequence: 900)
            room.bus.injectNews(unknown, of: "ORDERS")
            let ahead = EventNews(
                key: Sample.viewKey("o-1"), version: 9, at: Sample.epoch, sequence: 900)
            room.bus.injectNews(ahead, of: "ORDERS")
            try await room.newsAreSettled()
        }
        #expect(try await room.view()?.text == #"{"n":1}"#)
        #expect(try await room.view("none") == nil)
    }

    @Test func `acknowledges news only once their events are in the views`() async throws {
        let room = Darkroom()
        room.store.setAway(true)
        try await room.running { _ in
            room.store.setAway(false)
            let events = try await room.record(1, [#"{"n":1}"#])
            room.store.failNext(.viewsOfKeys, .unavailable)
            room.store.failNext(.putViews, .lostAnswer)
            _ = await room.bus.publish(events)
            for _ in 0..<2 {
                // The sweep sleeps, the reader of streams sleeps, and so does the projector.
                await room.clock.sleepers(atLeast: 3)
                #expect(room.bus.openNews == 1)
                room.clock.advance(by: .milliseconds(200))
            }
            #expect(try await room.view(at: 1).text == #"{"n":1}"#)
            try await room.newsAreSettled()
        }
    }

    @Test func `takes news of its own events at leisure while much is going on`() async throws {
        let room = Darkroom {
            $0.gather = .seconds(2)
            $0.newsAtLeisure = 1
        }
        try await room.running { projector in
            for number in 1...3 {
                let events = try await room.record(number, [#"{"n":1}"#, #"{"n":2}"#])
                let answers = await room.bus.publish(events)
                let published = zip(events, answers).map { event, answer in
                    PublishedEvent(
                        event: event, receipt: answer.receipt!, isDuplicate: answer.isDuplicate)
                }
                projector.note(published: published)
            }
            // Streams, sweep, the rest between rounds, and the reader of the news.
            await room.clock.sleepers(atLeast: 4)
            #expect(projector.status.lag == .zero)
            room.clock.advance(by: .seconds(2))
            _ = try await room.view(at: 6)
            try await room.newsAreSettled()
        }
        #expect(room.store.calls(of: .eventsBehind) == 0)
    }

    @Test func `keeps views right beside another one`() async throws {
        let room = Darkroom()
        var published: [[RecordedEvent]] = []
        for number in 0..<60 {
            published.append(
                try await room.record(
                    number, [#"{"n":\#(number),"m\#(number % 5)":1}"#], of: "o-\(number % 3)"))
        }
        try await room.running(2) { projectors in
            for (place, events) in published.enumerated() {
                projectors[place % 2].tell(events)
                _ = await room.bus.publish(events)
            }
            for id in ["o-0", "o-1", "o-2"] { _ = try await room.view(id, at: 20) }
            try await room.newsAreSettled()
        }
        for id in ["o-0", "o-1", "o-2"] {
            let events = try await room.store.events(
                aggregateType: "order", aggregateID: id, after: 0, limit: 1000)
            var document = AggregateDocument()
            document.apply(events)
            let view = try #require(try await room.view(id))
            #expect(view.version == 20)
            #expect(view.document == document.value.jsonBytes)
        }
    }

    @Test func `finds what it was never told, once it is old enough`() async throws {
        let room = Darkroom()
        try await room.running { _ in
            _ = try await room.record(1, [#"{"n":1}"#])
            await room.clock.sleepers(atLeast: 2)
            room.clock.advance(by: .seconds(5))
            await room.clock.sleepers(atLeast: 2)
            #expect(try await room.view() == nil, "its news may still come")
            room.clock.advance(by: .seconds(10))
            #expect(try await room.view(at: 1).text == #"{"n":1}"#)
        }
    }

    @Test func `makes one write of several events of one aggregate that gathered`() async throws {
        let room = Darkroom { $0.gather = .seconds(1) }
        try await room.running { projector in
            projector.tell(try await room.record(1, [#"{"n":1}"#], of: "first"))
            _ = try await room.view("first", at: 1)
            await room.clock.sleepers(atLeast: 3)
            for number in 2...6 {
                projector.tell(try await room.record(number, [#"{"n":\#(number)}"#]))
            }
            #expect(try await room.view() == nil)
            room.clock.advance(by: .seconds(1))
            #expect(try await room.view(at: 5).text == #"{"n":6}"#)
        }
        #expect(room.store.calls(of: .putViews) == 2)
    }

    @Test func `leaves events to their news where there is no room`() async throws {
        let room = Darkroom { $0.waiting = 1 }
        let events = try await room.record(1, [#"{"n":1}"#, #"{"n":2}"#])
        let projector = room.projector()
        for event in events { projector.tell([event]) }
        projector.close()
        await projector.run()
        #expect(try await room.view()?.version == 1)
    }

    @Test func `tells how old the oldest event is that it has not folded`() async throws {
        let room = Darkroom { $0.behindAfter = .seconds(30) }
        try await room.running { projector in
            #expect(projector.status == ViewsStatus(state: .up, lag: .zero))
            room.store.setAway(true)
            room.store.setAway(false)
            let events = try await room.record(0, [#"{"n":1}"#])
            room.store.failNext(.putViews, .unavailable)
            projector.tell(events)
            await room.clock.sleepers(atLeast: 3)
            #expect(projector.status == ViewsStatus(state: .up, lag: .zero))
            room.store.failNext(.putViews, .unavailable)
            room.clock.advance(by: .seconds(31))
            await room.clock.sleepers(atLeast: 3)
            #expect(projector.status == ViewsStatus(state: .behind, lag: .seconds(31)))
            room.clock.advance(by: .seconds(1))
            _ = try await room.view(at: 1)
        }
    }

    @Test func `leaves out a view that the database refuses, and stores its neighbours`()
        async throws
    {
        let room = Darkroom()
        var events: [RecordedEvent] = []
        for number in 0..<3 {
            events += try await room.record(number, [#"{"n":1}"#], of: "o-\(number)")
        }
        // The batch, and then the first of it alone.
        room.store.failNext(.putViews, .error(StoreError(.unexpected, "too large")), times: 2)
        try await room.running { projector in
            projector.tell(events)
            _ = try await room.view("o-2", at: 1)
        }
        #expect(try await room.view("o-0") == nil)
        #expect(try await room.view("o-1") != nil)
    }
}

@Suite(.timeLimit(.minutes(5))) struct `A rebuild of the views` {
    private let room = Darkroom()

    private func rebuild(at seconds: Int = 100) async throws -> Int {
        try await ViewRebuild(
            store: room.store, startedAt: Sample.time(seconds),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ).run()
    }

    @Test func `makes every view anew from the first event`() async throws {
        for number in 0..<5 {
            _ = try await room.record(
                number, (0...number).map { #"{"n":\#($0)}"# }, of: "o-\(number)")
        }
        let wrong = Sample.view("o-3", version: 4, document: #"{"wrong":true}"#)
        let readable = Sample.view("o-4", version: 2, document: "no JSON")
        _ = try await room.store.put([wrong, readable])
        #expect(try await rebuild() == 5)
        for number in 0..<5 {
            let view = try #require(try await room.view("o-\(number)"))
            #expect(view.text == #"{"n":\#(number)}"#)
            #expect(view.version == Int64(number) + 1)
            #expect(view.rebuild == Sample.time(100).microseconds)
        }
    }

    @Test func `folds again what moved ahead meanwhile, and makes no view older`() async throws {
        _ = try await room.record(1, [#"{"n":1}"#])
        room.store.beforeNext(.putViews) { [room] in
            _ = try? await room.record(2, [#"{"n":2}"#])
            let ahead = Sample.view("o-1", version: 2, document: #"{"wrong":true}"#)
            _ = try? await room.store.put([ahead])
        }
        #expect(try await rebuild() == 1)
        let view = try #require(try await room.view())
        #expect(view.text == #"{"n":2}"#)
    }

    @Test func `is not undone by a projector that still holds the former view`() async throws {
        try await room.running { projector in
            let wrong = Sample.view("o-1", version: 1, document: #"{"wrong":true}"#)
            let first = try await room.record(1, [#"{"a":1}"#])
            _ = try await room.store.put([wrong])
            let second = try await room.record(2, [#"{"b":2}"#])
            // It goes on from what is stored.
            projector.tell(second)
            #expect(try await room.view(at: 2).text == #"{"wrong":true,"b":2}"#)
            #expect(try await rebuild() == 1)
            #expect(try await room.view(at: 2).text == #"{"a":1,"b":2}"#)
            projector.tell(try await room.record(3, [#"{"c":3}"#]))
            #expect(try await room.view(at: 3).text == #"{"a":1,"b":2,"c":3}"#)
            #expect(first.count == 1)
        }
    }

    @Test func `leaves views to a later rebuild`() async throws {
        _ = try await room.record(1, [#"{"n":1}"#])
        _ = try await rebuild(at: 200)
        #expect(try await rebuild(at: 100) == 1)
        #expect(try await room.view()?.rebuild == Sample.time(200).microseconds)
    }
}

@Suite struct `The messages that a daemon published` {
    private func news(_ sequence: UInt64, at seconds: Int = 0) -> EventNews {
        EventNews(
            key: Sample.viewKey("o"), version: 1, at: Sample.time(seconds), sequence: sequence)
    }

    private func known(_ own: OwnNews, _ range: ClosedRange<UInt64>) -> [UInt64] {
        range.filter { own.tells(news($0)) }
    }

    @Test func `are known in whatever order they were noted`() {
        var own = OwnNews()
        for number: UInt64 in [5, 3, 4, 9, 1, 8, 12, 2] {
            own.add(number, isDuplicate: false, at: Sample.epoch)
            own.add(number, isDuplicate: true, at: Sample.epoch)
        }
        #expect(known(own, 0...13) == [1, 2, 3, 4, 5, 8, 9, 12])
    }

    @Test func `are forgotten once their numbers are given out again`() {
        var own = OwnNews()
        for number: UInt64 in 1...9 { own.add(number, isDuplicate: false, at: Sample.epoch) }
        own.add(2, isDuplicate: false, at: Sample.epoch)
        #expect(known(own, 0...10) == [2])
    }

    @Test func `are not those that came later to a stream of that name`() {
        var own = OwnNews()
        own.add(1, isDuplicate: false, at: Sample.time(10))
        #expect(own.tells(news(1, at: 11)))
        #expect(!own.tells(news(1, at: 12)))
    }

    @Test func `are bounded in rows, and the earliest go`() {
        var own = OwnNews()
        let last = UInt64(OwnNews.rowsMax) * 2 + 2
        for number in stride(from: 2, through: last, by: 2) {
            own.add(number, isDuplicate: false, at: Sample.epoch)
        }
        #expect(known(own, 0...5) == [4])
        #expect(own.tells(news(last)))
    }
}
