import Cnats
import Dispatch
import Synchronization

/// Where a subscription's messages go, and what follows after the last one.
struct SubscriptionSink: Sendable {
    let handler: @Sendable (borrowing Received) -> Void
    let completed: @Sendable () -> Void
}

/// A subscription with its own delivery thread in the library.
///
/// The C object lives until the library says that the last callback has returned: 3.4.1 may crash
/// on a message for a destroyed subscription. So nothing here destroys it earlier; until then the
/// callback table keeps this object alive.
final class Subscription: Sendable {
    private struct State {
        var address: UInt?
        var isComplete = false
    }

    private static let drainMilliseconds: Int64 = 2_000

    private let connection: ConnectionHandle
    private let state = Mutex(State())

    /// Subscribes; `handler` runs on the library's thread, must be quick and must not block.
    init(
        _ connection: ConnectionHandle, subject: String,
        handler: @escaping @Sendable (borrowing Received) -> Void
    ) throws(NATSFailure) {
        self.connection = connection
        let number = CallbackTable.insert(
            .subscription(SubscriptionSink(handler: handler, completed: { self.complete() })))
        do {
            let address = try connection.subscribe(subject: subject, callback: number)
            let isComplete = state.withLock {
                $0.address = address
                return $0.isComplete
            }
            if isComplete { destroy() }
        } catch {
            CallbackTable.remove(number)
            throw error
        }
    }

    /// Stops delivery after what the server has already sent; returns at once.
    func stop() {
        state.withLock {
            guard let address = $0.address, !$0.isComplete else { return }
            natsSubscription_DrainTimeout(
                OpaquePointer(bitPattern: address), Self.drainMilliseconds)
        }
    }

    private func complete() {
        state.withLock { $0.isComplete = true }
        destroy()
    }

    /// Frees the C object on another thread: this one may be the subscription's own.
    private func destroy() {
        let address = state.withLock { state in
            let address = state.address
            state.address = nil
            return address
        }
        guard let address else { return }
        DispatchQueue.global().async {
            natsSubscription_Destroy(OpaquePointer(bitPattern: address))
            withExtendedLifetime(self.connection) {}
        }
    }
}
