import Synchronization

/// Carries a connection's events from the library's thread to whoever watches.
final class ConnectionSignals: Sendable {
    private struct State {
        var isConnected = true
        var isClosed = false
        var nextObserver: UInt64 = 0
        var observers: [UInt64: @Sendable (ConnectionEvent) -> Void] = [:]
    }

    private let state = Mutex(State())
    private let firstWait: Int64
    private let longestWait: Int64

    init(reconnectWait: Duration, reconnectMax: Duration) {
        firstWait = max(reconnectWait.wholeMilliseconds, 1)
        longestWait = max(reconnectMax.wholeMilliseconds, firstWait)
    }

    var isConnected: Bool { state.withLock { $0.isConnected && !$0.isClosed } }

    /// Adds an observer, called on the library's thread; it must be quick and must not block.
    func observe(_ observer: @escaping @Sendable (ConnectionEvent) -> Void) -> UInt64 {
        let (number, isClosed) = state.withLock {
            $0.nextObserver += 1
            $0.observers[$0.nextObserver] = observer
            return ($0.nextObserver, $0.isClosed)
        }
        if isClosed { observer(.closed) }
        return number
    }

    func forget(_ number: UInt64) {
        let gone = state.withLock { $0.observers.removeValue(forKey: number) }
        withExtendedLifetime(gone) {}
    }

    func receive(_ event: ConnectionEvent) {
        let observers = state.withLock { state in
            switch event {
            case .disconnected: state.isConnected = false
            case .reconnected: state.isConnected = true
            case .closed: state.isClosed = true
            case .trouble: break
            }
            let observers = Array(state.observers.values)
            // Nothing follows, and observers may hold what holds us.
            if event == .closed { state.observers = [:] }
            return observers
        }
        for observer in observers { observer(event) }
    }

    /// Milliseconds until the next round over the servers; a tenth of it is chance.
    func reconnectDelay(attempts: Int) -> Int64 {
        let doubled = firstWait << Int64(min(max(attempts - 1, 0), 10))
        let wait = min(doubled, longestWait)
        return wait - Int64.random(in: 0...max(wait / 10, 1))
    }
}

extension Duration {
    /// Rounded down to milliseconds.
    var wholeMilliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }

    /// In nanoseconds, as JetStream writes durations.
    var wholeNanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
