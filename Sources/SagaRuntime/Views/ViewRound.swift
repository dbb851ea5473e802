import SagaCore

/// What a projector is told of aggregates that have moved.
enum ViewInput: Sendable {
    /// Events that this daemon published.
    case published([RecordedEvent])
    /// News from a stream.
    case news(NewsBatch)
    /// Aggregates whose views were found behind.
    case behind([AggregatePosition])

    /// How much of the projector's room it takes.
    var weight: Int {
        switch self {
        case .published(let events): events.count
        case .news(let batch): batch.news.count
        case .behind(let positions): positions.count
        }
    }

    /// How long ago the first of it came about, as far as that is known.
    var oldest: Instant? {
        switch self {
        case .published(let events): events.lazy.map(\.recordedAt).min()
        case .news(let batch): batch.news.lazy.map(\.at).min()
        case .behind: nil
        }
    }
}

/// What one round of a projector brings up to date.
struct ViewRound {
    /// What is wanted of one aggregate's view.
    struct Wish {
        /// The version that it shall have.
        var version: Int64 = 0
        /// Events that are at hand, in any order, some maybe twice.
        var events: [RecordedEvent] = []
    }

    /// By aggregate.
    private(set) var wishes: [ViewKey: Wish] = [:]
    /// What is acknowledged once the views are stored.
    private(set) var news: [NewsBatch] = []
    /// When the first of it came about.
    let oldest: Instant?
    /// How many events and news it has.
    let weight: Int

    init(_ inputs: [ViewInput]) {
        oldest = inputs.compactMap(\.oldest).min()
        weight = inputs.reduce(0) { $0 + $1.weight }
        for input in inputs {
            switch input {
            case .published(let events):
                for event in events {
                    want(ViewKey(event.event), event.version)
                    wishes[ViewKey(event.event)]?.events.append(event)
                }
            case .news(let batch):
                for news in batch.news { want(news.key, news.version) }
                news.append(batch)
            case .behind(let positions):
                for position in positions { want(position.key, position.version) }
            }
        }
        for key in wishes.keys { wishes[key]?.events.sort { $0.version < $1.version } }
    }

    private mutating func want(_ key: ViewKey, _ version: Int64) {
        wishes[key, default: Wish()].version = max(wishes[key]?.version ?? 0, version)
    }

    /// The aggregates in the order in which all daemons take them, in batches for one call of the
    /// store.
    var batches: [[ViewKey]] {
        let keys = wishes.keys.sorted()
        return stride(from: 0, to: keys.count, by: StoreLimits.batchViews).map { start in
            Array(keys[start..<min(start + StoreLimits.batchViews, keys.count)])
        }
    }
}
