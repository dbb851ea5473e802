import SagaCore
import Synchronization

/// The wake-ups of sagas that this daemon wrote last, in memory; and the rows whose wake-up has to
/// move later.
///
/// One entry a saga stands in the heap at most: a wish for a later time only changes the target, and
/// the entry is put back when it comes up too early.
final class TimerQueue: Sendable {
    private struct Entry {
        var at: Instant
        var id: SagaID
    }

    private struct Shelf {
        var heap: [Entry] = []
        var targets: [SagaID: (target: Instant, heaped: Instant)] = [:]
        var rearmings: [Rearming] = []
    }

    private let shelf = Mutex(Shelf())
    private let horizon: Duration

    init(horizon: Duration) { self.horizon = horizon }

    /// Wakes a saga at that time, in place of any other; beyond the horizon the database does.
    func set(_ id: SagaID, _ at: Instant, now: Instant) {
        shelf.withLock { shelf in
            guard at - now <= horizon else {
                shelf.targets[id] = nil
                return
            }
            if let known = shelf.targets[id], known.heaped <= at {
                shelf.targets[id] = (at, known.heaped)
            } else {
                shelf.targets[id] = (at, at)
                shelf.heap.push(Entry(at: at, id: id)) { $0.at < $1.at }
            }
        }
    }

    /// Wakes a saga no more.
    func cancel(_ id: SagaID) { shelf.withLock { $0.targets[id] = nil } }

    /// Takes the sagas whose time has come.
    func due(now: Instant) -> [SagaID] {
        shelf.withLock { shelf in
            var due: [SagaID] = []
            while let first = shelf.heap.first, first.at <= now {
                _ = shelf.heap.pop { $0.at < $1.at }
                guard let known = shelf.targets[first.id], known.heaped == first.at else {
                    continue
                }
                if known.target <= now {
                    shelf.targets[first.id] = nil
                    due.append(first.id)
                } else {
                    shelf.targets[first.id] = (known.target, known.target)
                    shelf.heap.push(Entry(at: known.target, id: first.id)) { $0.at < $1.at }
                }
            }
            return due
        }
    }

    /// Has a row's wake-up moved with the next batch.
    func rearm(_ rearming: Rearming?) {
        guard let rearming else { return }
        shelf.withLock { $0.rearmings.append(rearming) }
    }

    /// Takes the rows whose wake-up is to move, at most `limit`, each saga's latest only.
    func takeRearmings(limit: Int) -> [Rearming] {
        shelf.withLock { shelf in
            let part = shelf.rearmings.prefix(limit)
            shelf.rearmings.removeFirst(part.count)
            var latest: [SagaID: Rearming] = [:]
            for rearming in part { latest[rearming.id] = rearming }
            return latest.values.sorted { $0.id < $1.id }
        }
    }
}

extension Array {
    /// Adds an element to a binary heap.
    fileprivate mutating func push(_ element: Element, before: (Element, Element) -> Bool) {
        append(element)
        var child = count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard before(self[child], self[parent]) else { return }
            swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the first element of a binary heap.
    fileprivate mutating func pop(before: (Element, Element) -> Bool) -> Element? {
        guard let first else { return nil }
        let last = removeLast()
        if isEmpty { return first }
        self[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < count {
                if before(self[child], self[least]) { least = child }
            }
            if least == parent { return first }
            swapAt(parent, least)
            parent = least
        }
    }
}
