import Cnats
import Synchronization

/// What C callbacks are for: they carry a number, and this table tells whom it means.
///
/// A callback that comes after its owner has gone finds nothing and does nothing.
enum CallbackTable {
    /// Who gets the callback.
    enum Target: Sendable {
        case connection(ConnectionSignals)
        case subscription(SubscriptionSink)
    }

    private struct Entries {
        var next: UInt = 1
        var targets: [UInt: Target] = [:]
    }

    private static let entries = Mutex(Entries())

    static func insert(_ target: Target) -> UInt {
        entries.withLock {
            let number = $0.next
            $0.next += 1
            $0.targets[number] = target
            return number
        }
    }

    static func remove(_ number: UInt) {
        // The entry must die outside the lock: its closures may own what takes the lock again.
        let gone = entries.withLock { $0.targets.removeValue(forKey: number) }
        withExtendedLifetime(gone) {}
    }

    static func closure(for number: UInt) -> UnsafeMutableRawPointer? {
        UnsafeMutableRawPointer(bitPattern: number)
    }

    static func signals(_ closure: UnsafeMutableRawPointer?) -> ConnectionSignals? {
        guard case .connection(let signals) = target(closure) else { return nil }
        return signals
    }

    static func sink(_ closure: UnsafeMutableRawPointer?) -> SubscriptionSink? {
        guard case .subscription(let sink) = target(closure) else { return nil }
        return sink
    }

    private static func target(_ closure: UnsafeMutableRawPointer?) -> Target? {
        let number = UInt(bitPattern: closure)
        return entries.withLock { $0.targets[number] }
    }
}

// The functions below are called on threads of libnats. They are global so that they inherit no
// isolation from whoever hands them over.

func natsDisconnected(_: OpaquePointer?, _ closure: UnsafeMutableRawPointer?) {
    CallbackTable.signals(closure)?.receive(.disconnected)
}

func natsReconnected(_: OpaquePointer?, _ closure: UnsafeMutableRawPointer?) {
    CallbackTable.signals(closure)?.receive(.reconnected)
}

func natsClosed(_: OpaquePointer?, _ closure: UnsafeMutableRawPointer?) {
    CallbackTable.signals(closure)?.receive(.closed)
}

func natsTroubled(
    _: OpaquePointer?, _: OpaquePointer?, _ status: natsStatus,
    _ closure: UnsafeMutableRawPointer?
) {
    let text = natsStatus_GetText(status).map { String(cString: $0) } ?? "\(status.rawValue)"
    CallbackTable.signals(closure)?.receive(.trouble(text))
}

func natsReconnectDelay(
    _: OpaquePointer?, _ attempts: Int32, _ closure: UnsafeMutableRawPointer?
) -> Int64 {
    CallbackTable.signals(closure)?.reconnectDelay(attempts: Int(attempts)) ?? 1_000
}

func natsDelivered(
    _: OpaquePointer?, _: OpaquePointer?, _ message: OpaquePointer?,
    _ closure: UnsafeMutableRawPointer?
) {
    guard let message else { return }
    let received = Received(taking: message)
    CallbackTable.sink(closure)?.handler(received)
}

func natsSubscriptionCompleted(_ closure: UnsafeMutableRawPointer?) {
    let sink = CallbackTable.sink(closure)
    CallbackTable.remove(UInt(bitPattern: closure))
    sink?.completed()
}
