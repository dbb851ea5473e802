import SagaCore
import SagaRuntime

extension StoreConformance {
    static let streamMemoryChecks: [StoreCheck] = [
        StoreCheck("remembers of each stream what was said last") { store in
            try expectEqual(try await store.memory(of: "ORDERS"), nil, "before anything was said")
            var orders = StreamMemory(stream: "ORDERS", revision: 0, content: #"{"a":"é 🧾"}"#)
            let trips = StreamMemory(stream: "TRIPS", revision: 0, content: "{}")
            try expectEqual(try await store.remember(orders), true, "the first")
            try expectEqual(try await store.remember(trips), true, "another stream's first")
            orders.revision = 1
            try expectEqual(try await store.memory(of: "ORDERS"), orders, "after the first")
            orders.content = String(repeating: "x", count: 100_000)
            try expectEqual(try await store.remember(orders), true, "the second")
            orders.revision = 2
            try expectEqual(try await store.memory(of: "ORDERS"), orders, "after the second")
            try expectEqual(
                try await store.memory(of: "TRIPS")?.content, "{}", "the other stream")
        },
        StoreCheck("remembers nothing of a stream from whom another one overtook") { store in
            let first = StreamMemory(stream: "ORDERS", revision: 0, content: "first")
            try expectEqual(try await store.remember(first), true, "the first")
            var late = first
            late.content = "late"
            try expectEqual(try await store.remember(late), false, "one that knows of none")
            late.revision = 7
            try expectEqual(try await store.remember(late), false, "one of another revision")
            try expectEqual(try await store.memory(of: "ORDERS")?.content, "first", "what is kept")
            let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<4 {
                    group.addTask {
                        try await store.remember(
                            StreamMemory(stream: "ORDERS", revision: 1, content: "\(number)"))
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            try expectEqual(winners, 1, "those of four at once that were heard")
        },
        StoreCheck("tells the place behind all events") { store in
            try expectEqual(
                try await store.events(after: store.feedEnd(), limit: 9).events, [], "of none")
            try await store.expectStarted([
                Sample.start(1, events: [Sample.event("s-1"), Sample.event("s-2", of: "x")])
            ])
            _ = try await store.append((1...9).map { Sample.append("o-\($0)") })
            let end = try await store.feedEnd()
            try expectEqual(
                try await store.events(after: end, limit: 9).events, [], "behind the end")
            _ = try await store.append([Sample.append("o-10")])
            let later = try await store.events(after: end, limit: 9).events
            try expectEqual(later.map(\.event.id), ["o-10"], "what was recorded later")
        },
        StoreCheck("tells whether an event waits that was recorded before a time") { store in
            try expectEqual(
                try await store.hasUnpublished(before: Sample.time(999)), false, "of none")
            try await store.expectStarted([
                Sample.start(1, at: Sample.time(20), events: [Sample.event("e-1")])
            ])
            try expectEqual(
                try await store.hasUnpublished(before: Sample.time(20)), false, "at its time")
            try expectEqual(
                try await store.hasUnpublished(before: Sample.time(21)), true, "after it")
            let keys = try await store.allUnpublished().map(\.outboxKey)
            try await store.markPublished(keys)
            try expectEqual(
                try await store.hasUnpublished(before: Sample.time(999)), false, "published")
        },
    ]
}
