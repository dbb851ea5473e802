import SagaCore

/// What a projector is told of aggregates that have moved.
enum ViewInput: Sendable {
    /// Events that this daemon published.
    case published([RecordedEvent])
    /// News from a stream, and those of them that are not of the daemon's own events.
    case news(NewsBatch, foreign: [EventNews])
    /// Aggregates whose views were found behind.
    case behind([AggregatePosition])

    /// How much of the projector's room it takes.
    var weight: Int {
        switch self {
        case .published(let events): events.count
        case .news(_, let foreign): foreign.count
        case .behind(let positions): positions.count
        }
    }

    /// When the first of it came about, as far as that is known.
    var oldest: Instant? {
        switch self {
        case .published(let events): events.lazy.map(\.recordedAt).min()
        case .news(_, let foreign): foreign.lazy.map(\.at).min()
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
        /// Events that are at hand, in the order of their versions, some maybe twice.
        var events: [RecordedEvent] = []

        fileprivate mutating func want(_ version: Int64) {
            self.version = max(self.version, version)
        }

        fileprivate mutating func add(_ event: RecordedEvent) {
            let isNext = events.last.map { $0.version <= event.version } ?? true
            events.append(event)
            if !isNext { events.sort { $0.version < $1.version } }
            want(event.version)
        }
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
                for event in events { wishes[ViewKey(event.event), default: Wish()].add(event) }
            case .news(let batch, let foreign):
                for news in foreign { wishes[news.key, default: Wish()].want(news.version) }
                news.append(batch)
            case .behind(let positions):
                for position in positions {
                    wishes[position.key, default: Wish()].want(position.version)
                }
            }
        }
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
