import SagaRuntime
import Synchronization

/// How events are numbered in a feed.
///
/// A number is the statement's in the feed times ``statement``, plus its row's place times ``row``,
/// plus the event's own place: 2^39 statements, 512 rows each, 32,768 events a row.
enum FeedNumber {
    static let statement: Int64 = 1 << 24
    static let row: Int64 = 1 << 15

    /// The number behind which nothing of that statement and those before it stands.
    static func end(ofStatement head: Int64) -> Int64 { head * statement + (statement - 1) }

    /// The number behind which nothing stands of the statement that an event belongs to.
    static func end(ofStatementWith number: Int64) -> Int64 { end(ofStatement: number / statement) }
}

/// The feeds that this process records events in.
///
/// A statement holds its feed until it commits, so each that is under way takes one of its own.
/// Processes begin at places chosen at random; where two share a feed one waits for the other's
/// commit, and nothing else comes of it.
final class Feeds: Sendable {
    /// How many feeds one process has: more statements than that share the last.
    static let ofProcess = 8
    /// How many processes may have feeds apart.
    static let groups = 32

    private let first: Int
    private let taken = Mutex([Bool](repeating: false, count: ofProcess))

    init() { first = Int.random(in: 0..<Self.groups) * Self.ofProcess }

    /// A feed that no statement of this process is under way in, if there is one.
    func take() -> Int16 {
        taken.withLock { taken in
            let place = taken.firstIndex(of: false) ?? Self.ofProcess - 1
            taken[place] = true
            return Int16(first + place)
        }
    }

    /// Lets the next statement have the feed.
    func giveBack(_ feed: Int16) { taken.withLock { $0[Int(feed) - first] = false } }
}

extension CockroachStore {
    /// Lends a feed to a statement that records events.
    func withFeed<Result>(_ body: (Int16) async throws -> Result) async throws -> Result {
        let feed = feeds.take()
        defer { feeds.giveBack(feed) }
        return try await body(feed)
    }
}
