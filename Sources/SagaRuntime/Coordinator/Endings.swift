import SagaCore
import Synchronization

/// Tells those who wait when a saga has ended on this daemon.
final class Endings: Sendable {
    private struct Shelf {
        var waiting: [SagaID: [UInt64: CheckedContinuation<Void, Never>]] = [:]
        var cancelled: Set<UInt64> = []
        var next: UInt64 = 0
    }

    private let shelf = Mutex(Shelf())

    /// Tells those who wait for that saga.
    func announce(_ id: SagaID) {
        let waiting = shelf.withLock { $0.waiting.removeValue(forKey: id) }
        for (_, continuation) in (waiting ?? [:]).sorted(by: { $0.key < $1.key }) {
            continuation.resume()
        }
    }

    /// Waits until the saga's end is announced, or the task is cancelled.
    func wait(for id: SagaID) async {
        let ticket = shelf.withLock { shelf in
            shelf.next += 1
            return shelf.next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isCancelled = shelf.withLock { shelf in
                    if shelf.cancelled.remove(ticket) != nil { return true }
                    shelf.waiting[id, default: [:]][ticket] = continuation
                    return false
                }
                if isCancelled { continuation.resume() }
            }
        } onCancel: {
            let continuation = shelf.withLock { shelf in
                let found = shelf.waiting[id]?.removeValue(forKey: ticket)
                if found == nil { shelf.cancelled.insert(ticket) }
                if shelf.waiting[id]?.isEmpty == true { shelf.waiting[id] = nil }
                return found
            }
            continuation?.resume()
        }
        shelf.withLock { _ = $0.cancelled.remove(ticket) }
    }
}
