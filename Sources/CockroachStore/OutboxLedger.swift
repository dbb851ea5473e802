import SagaRuntime
import Synchronization

/// A row of the outbox: events that were recorded together, and go when all are acknowledged.
struct OutboxRow: Equatable {
    /// The row's key; its event is the one that the row is called by.
    var key: OutboxKey
    /// The identities of its events.
    var eventIDs: [String]

    /// The places of a transition's events that may share a row are those with the same number
    /// above so many bits: 512 of them, which bounds the row.
    static let partBits = 9

    /// The row that a statement wrote which stored those events from outside, in its order of them.
    static func written(for appends: [EventAppend]) -> [OutboxRow] {
        guard let first = appends.first else { return [] }
        let recordedAt = appends.map(\.at).min() ?? first.at
        let key = OutboxKey(shard: first.shard, recordedAt: recordedAt, eventID: first.event.id)
        return [OutboxRow(key: key, eventIDs: appends.map(\.event.id))]
    }

    /// The rows that a statement wrote which stored those transitions, in its order of them.
    ///
    /// Several parts has only a transition that stands in a statement of its own.
    static func written(for transitions: [Transition]) -> [OutboxRow] {
        var rows: [OutboxRow] = []
        for transition in transitions {
            for (place, event) in transition.events.enumerated() {
                let part = place >> partBits
                if part == rows.count {
                    let key = OutboxKey(
                        shard: transition.shard, recordedAt: transition.at, eventID: event.id)
                    rows.append(OutboxRow(key: key, eventIDs: []))
                }
                rows[part].eventIDs.append(event.id)
                rows[part].key.recordedAt = min(rows[part].key.recordedAt, transition.at)
            }
        }
        return rows
    }
}

/// Which events of the outbox's rows wait for their acknowledgement, as far as this process knows.
///
/// It knows the rows that it wrote and those that it read. What it forgets, or never knew after a
/// crash, is in the database all the same: the sweep reads it, and its events are published again.
final class OutboxLedger: Sendable {
    /// The most events that are kept in mind; the oldest rows are forgotten beyond.
    static let eventsMax = 65_536

    /// A text as the database compares it. Swift's own equality takes composed and decomposed
    /// characters for the same.
    private struct Name: Hashable {
        let text: String

        init(_ text: String) { self.text = text }

        static func == (left: Name, right: Name) -> Bool {
            left.text.utf8.elementsEqual(right.text.utf8)
        }

        /// The same bytes are the same text.
        func hash(into hasher: inout Hasher) { text.hash(into: &hasher) }
    }

    private struct Row {
        let key: OutboxKey
        let events: [Name]
        var open: Int
    }

    private struct State {
        var rows: [Name: Row] = [:]
        /// The row of each event that is not acknowledged.
        var open: [Name: Name] = [:]
        /// Rows in the order in which they came, from `head` on; some may be gone.
        var order: [Name] = []
        var head = 0
    }

    private let state = Mutex(State())
    private let eventsMax: Int

    init(eventsMax: Int = OutboxLedger.eventsMax) { self.eventsMax = eventsMax }

    /// Keeps rows in mind; one that is known stays as it is.
    func add(_ rows: [OutboxRow]) {
        state.withLock { state in
            for row in rows {
                let name = Name(row.key.eventID)
                guard state.rows[name] == nil else { continue }
                let events = row.eventIDs.map(Name.init)
                state.rows[name] = Row(key: row.key, events: events, open: events.count)
                for event in events { state.open[event] = name }
                state.order.append(name)
            }
            while state.open.count > eventsMax { Self.forgetOldest(&state) }
            Self.tidy(&state)
        }
    }

    /// Notes that events are acknowledged, however often; answers the rows that are done by it.
    func acknowledge(_ eventIDs: [String]) -> [OutboxKey] {
        state.withLock { state in
            var done: [OutboxKey] = []
            for id in eventIDs {
                guard let name = state.open.removeValue(forKey: Name(id)),
                    var row = state.rows[name]
                else { continue }
                row.open -= 1
                state.rows[name] = row.open == 0 ? nil : row
                if row.open == 0 { done.append(row.key) }
            }
            return done
        }
    }

    /// Which of those events wait for their acknowledgement.
    func isOpen(_ eventIDs: [String]) -> [Bool] {
        state.withLock { state in eventIDs.map { state.open[Name($0)] != nil } }
    }

    private static func forgetOldest(_ state: inout State) {
        let name = state.order[state.head]
        state.head += 1
        guard let row = state.rows.removeValue(forKey: name) else { return }
        for event in row.events { state.open[event] = nil }
    }

    /// Gives back the room of rows that are gone.
    private static func tidy(_ state: inout State) {
        guard state.order.count > 2 * state.rows.count + 1024 else { return }
        let rows = state.rows
        state.order = state.order[state.head...].filter { rows[$0] != nil }
        state.head = 0
    }
}
