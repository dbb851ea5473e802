import Synchronization

/// Tells those who follow events when this daemon has recorded some.
final class EventMarks: Sendable {
    /// The mark before anything was recorded.
    static let first: UInt64 = 1

    private struct Shelf {
        var mark = first
        var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var cancelled: Set<UInt64> = []
        var tickets: UInt64 = 0
    }

    private let shelf = Mutex(Shelf())

    /// The mark of what was recorded last; from 1.
    var mark: UInt64 { shelf.withLock { $0.mark } }

    /// Wakes all who wait.
    func announce() {
        let waiting = shelf.withLock { shelf in
            shelf.mark += 1
            defer { shelf.waiting = [:] }
            return shelf.waiting
        }
        for (_, continuation) in waiting.sorted(by: { $0.key < $1.key }) { continuation.resume() }
    }

    /// Waits until something is recorded that is not in that mark, or the task is cancelled.
    func wait(since mark: UInt64) async {
        let ticket = shelf.withLock { shelf in
            shelf.tickets += 1
            return shelf.tickets
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = shelf.withLock { shelf in
                    if shelf.mark != mark || shelf.cancelled.contains(ticket) { return true }
                    shelf.waiting[ticket] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let continuation = shelf.withLock { shelf in
                shelf.cancelled.insert(ticket)
                return shelf.waiting.removeValue(forKey: ticket)
            }
            continuation?.resume()
        }
        shelf.withLock { _ = $0.cancelled.remove(ticket) }
    }
}
