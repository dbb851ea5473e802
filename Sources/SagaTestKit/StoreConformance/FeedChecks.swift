import SagaCore
import SagaRuntime
import Synchronization

extension StoreConformance {
    static let feedChecks: [StoreCheck] = [
        StoreCheck("shows events by their ids") { store in
            _ = try await store.append([Sample.append("a"), Sample.append("b")])
            let found = try await store.events(ids: ["b", "nobody", "\u{0}"])
            try expectEqual(found.map(\.event.id), ["b"], "the events")
            try expectEqual(try await store.events(ids: []), [], "of no id")
        },
        StoreCheck("shows the events with an aggregate's id over its types") { store in
            _ = try await store.append(
                ["parcel", "order", "Zebra"].flatMap { type in
                    (1...3).map {
                        Sample.append("\(type)-\($0)", of: "x", aggregateType: type)
                    }
                } + [Sample.append("other", of: "y")])
            let types = ["parcel", "order", "Zebra", "nothing"]
            func ids(_ after: EventPlace?, _ limit: Int) async throws -> [String] {
                try await store.events(aggregateID: "x", types: types, after: after, limit: limit)
                    .map(\.event.id)
            }
            let all = ["Zebra", "order", "parcel"].flatMap { type in
                (1...3).map { "\(type)-\($0)" }
            }
            try expectEqual(try await ids(nil, 100), all, "all")
            try expectEqual(try await ids(nil, 4), Array(all[..<4]), "the first page")
            let place = EventPlace(aggregateType: "order", version: 1)
            try expectEqual(try await ids(place, 4), Array(all[4..<8]), "the second page")
            let end = EventPlace(aggregateType: "parcel", version: 3)
            try expectEqual(try await ids(end, 4), [], "behind the end")
            let none = try await store.events(
                aggregateID: "x", types: [], after: nil, limit: 10)
            try expectEqual(none, [], "of no type")
        },
        StoreCheck("shows all events, page by page, each once") { store in
            try await store.expectStarted([
                Sample.start(1, events: [Sample.event("s-1"), Sample.event("s-2", of: "x")])
            ])
            _ = try await store.append((1...9).map { Sample.append("o-\($0)") })
            try await store.expectCommitted([
                Sample.transition(1, expecting: 1, events: [Sample.event("s-3")])
            ])
            for limit in [1, 2, 5, 100] {
                var reader = FeedReader(limit: limit)
                try await reader.readAll(from: store)
                try expectEqual(reader.ids.count, 12, "the number of events")
                try expectEqual(Set(reader.ids).count, 12, "the number of different events")
            }
            var reader = FeedReader(limit: 100)
            try await reader.readAll(from: store)
            let event = try required(reader.found.last { $0.event.id == "s-3" }, "s-3")
            try expectEqual(try await store.event(id: "s-3"), event, "the parts of an event")
            let before = reader.ids.count
            try await reader.readAll(from: store)
            try expectEqual(reader.ids.count, before, "a reader that has everything")
            _ = try await store.append([Sample.append("o-10")])
            try await reader.readAll(from: store)
            try expectEqual(reader.ids.last, "o-10", "the next event")
        },
        StoreCheck("shows nothing of an empty store, and goes on from there") { store in
            var reader = FeedReader(limit: 3)
            try await reader.readAll(from: store)
            try expectEqual(reader.ids, [], "the events")
            _ = try await store.append([Sample.append("o-1")])
            try await reader.readAll(from: store)
            try expectEqual(reader.ids, ["o-1"], "the events afterwards")
        },
        StoreCheck("shows each event once while many are recorded") { store in
            try await store.expectStarted((0..<4).map { Sample.start($0) })
            let writing = Flag()
            let reader = try await withThrowingTaskGroup { group in
                group.addTask { () throws -> FeedReader? in
                    var reader = FeedReader(limit: 7)
                    while !writing.isOver { try await reader.read(from: store) }
                    try await reader.readAll(from: store)
                    return reader
                }
                group.addTask {
                    try await record(into: store)
                    writing.end()
                    return nil
                }
                return try await group.reduce(nil) { $0 ?? $1 }
            }
            let found = try required(reader, "the reader")
            try expectEqual(found.ids.count, 4 * 30, "the number of events")
            try expectEqual(Set(found.ids).count, 4 * 30, "the number of different events")
        },
    ]

    /// Four writers record at a time: two sagas, and two from outside, on three aggregates.
    private static func record(into store: any Store) async throws {
        try await withThrowingTaskGroup { group in
            for writer in 0..<4 {
                group.addTask {
                    for round in 0..<10 {
                        let ids = (0..<3).map { "w-\(writer)-\(round)-\($0)" }
                        if writer % 2 == 0 {
                            let events = ids.enumerated().map {
                                Sample.event($0.element, of: "order-\($0.offset)")
                            }
                            let transition = Sample.transition(
                                writer, expecting: Int64(round + 1), events: events)
                            try await store.expectCommitted([transition], patiently: true)
                        } else {
                            _ = try await store.appendPatiently(
                                ids.enumerated().map {
                                    Sample.append($0.element, of: "order-\($0.offset)")
                                })
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}

/// Something that goes on until it is said to be over.
private final class Flag: Sendable {
    private let value = Atomic(false)

    var isOver: Bool { value.load(ordering: .relaxed) }

    func end() { value.store(true, ordering: .relaxed) }
}

/// Reads the feed, and sees that the versions of each aggregate come in order without a gap.
private struct FeedReader: Sendable {
    let limit: Int
    var place = FeedPlace()
    var found: [RecordedEvent] = []
    private var versions: [String: Int64] = [:]

    init(limit: Int) { self.limit = limit }

    var ids: [String] { found.map(\.event.id) }

    /// Reads a page; answers whether there was anything.
    @discardableResult
    mutating func read(from store: any Store) async throws -> Bool {
        let page = try await store.events(after: place, limit: limit)
        place = page.place
        try expect(page.events.count <= limit, "a page has \(page.events.count) events")
        for event in page.events {
            let aggregate = event.event.aggregateID
            try expectEqual(
                event.version, versions[aggregate, default: 0] + 1, "the next of \(aggregate)")
            versions[aggregate] = event.version
        }
        found += page.events
        return !page.events.isEmpty
    }

    mutating func readAll(from store: any Store) async throws {
        while try await read(from: store) {}
    }
}
