import SagaCore
import SagaRuntime

extension BusConformance {
    static let newsChecks: [BusCheck] = [
        BusCheck("brings the news of each event") { subject in
            let ids = ["o-1", "o-\u{301}2 50% 🧾", " o 3 "]
            let events = ids.enumerated().map { place, id in
                Sample.recorded("e-\(place)", of: id, version: Int64(place) + 7)
            }
            let answers = await subject.bus.publish(events)
            let news = try await news(3, from: subject).flatMap(\.news)
            let places = try answers.map { answer in
                guard case .stored(let receipt, _) = answer else {
                    throw Expectation("expected stored, found \(answer)")
                }
                return receipt.sequence
            }
            try expectEqual(news.map(\.sequence), places, "the messages' numbers")
            try expectEqual(
                Set(news.map { AggregatePosition(key: $0.key, version: $0.version) }),
                Set(events.map { AggregatePosition(key: ViewKey($0.event), version: $0.version) }),
                "the news")
            try expectEqual(news.count, 3, "the number of news")
        },
        BusCheck("keeps the news of each stream apart") { subject in
            try await subject.bus.prepare(streams: ["ORDERS", "PARCELS"])
            _ = await subject.bus.publish([
                Sample.recorded("e-1", of: "parcel", stream: "PARCELS"),
                Sample.recorded("e-2", of: "order"),
            ])
            let orders = try await news(1, from: subject)
            try expectEqual(orders.flatMap(\.news).map(\.key.id), ["order"], "of ORDERS")
            let parcels = try await news(1, from: subject, stream: "PARCELS")
            try expectEqual(parcels.flatMap(\.news).map(\.key.id), ["parcel"], "of PARCELS")
        },
        BusCheck("brings many news, each once, under tokens of their own") { subject in
            let events = (0..<700).map { Sample.recorded("e-\($0)", version: Int64($0 + 1)) }
            _ = await subject.bus.publish(events)
            let batches = try await news(700, from: subject)
            let versions = batches.flatMap(\.news).map(\.version)
            try expectEqual(versions.sorted(), (1...700).map { Int64($0) }, "the versions")
            try expectEqual(
                Set(batches.map(\.token)).count, batches.count, "the number of tokens")
            await subject.bus.acknowledge(news: batches)
        },
        BusCheck("brings news that were not acknowledged again, and no other") { subject in
            _ = await subject.bus.publish([Sample.recorded("e-1", of: "o-1")])
            let first = try await news(1, from: subject)
            _ = await subject.bus.publish([Sample.recorded("e-2", of: "o-2")])
            let second = try await news(1, from: subject)
            await subject.bus.acknowledge(news: first)
            try await subject.pass(subject.acknowledgeWithin + .seconds(1))
            _ = await subject.bus.publish([Sample.recorded("e-3", of: "o-3")])
            let third = try await news(2, from: subject)
            try expectEqual(
                Set(third.flatMap(\.news).map(\.key.id)), ["o-2", "o-3"], "what came then")
            try expect(
                !third.map(\.token).contains(second[0].token), "the token must be a new one")
        },
        BusCheck("waits for the next news, and ends them once it is closed") { subject in
            async let next = subject.bus.nextNews(of: "ORDERS")
            _ = await subject.bus.publish([Sample.recorded("e-1")])
            try expectEqual(await next?.news.count, 1, "the number of news")
            async let waiting = subject.bus.nextNews(of: "ORDERS")
            await subject.bus.close()
            try expectEqual(await waiting, nil, "the news of who was waiting")
            let afterwards = await subject.bus.nextNews(of: "ORDERS")
            try expectEqual(afterwards, nil, "the news afterwards")
        },
    ]

    /// Batches with that many news at least.
    private static func news(
        _ count: Int, from subject: BusUnderTest, stream: String = "ORDERS"
    ) async throws -> [NewsBatch] {
        var batches: [NewsBatch] = []
        while batches.reduce(0, { $0 + $1.news.count }) < count {
            batches.append(try required(await subject.bus.nextNews(of: stream), "news"))
        }
        return batches
    }
}
