import Cnats
import Synchronization

/// Questions and their answers over one inbox, told apart by a number at the end of the subject.
final class Requests: Sendable {
    private typealias Waiter = CheckedContinuation<Result<Message, NATSFailure>, Never>

    private struct State {
        var nextNumber: UInt64 = 0
        var waiting: [UInt64: Waiter] = [:]

        mutating func take(_ number: UInt64) -> Waiter? { waiting.removeValue(forKey: number) }
    }

    /// Holds the state apart, so that the subscription does not keep the connection alive.
    private final class Table: Sendable {
        let state = Mutex(State())

        func answer(_ number: UInt64, _ result: Result<Message, NATSFailure>) {
            state.withLock { $0.take(number) }?.resume(returning: result)
        }

        func receive(_ received: borrowing Received) {
            guard let number = received.token else { return }
            if received.status == 503 {
                answer(number, .failure(.noResponders(subject: "the subject asked")))
                return
            }
            let message = Message(
                subject: received.subject, headers: received.headers(),
                payload: received.payload())
            answer(number, .success(message))
        }
    }

    private let handle: ConnectionHandle
    private let prefix: String
    private let table = Table()
    private let subscription: Subscription

    init(_ handle: ConnectionHandle, prefix: String) throws(NATSFailure) {
        self.handle = handle
        self.prefix = prefix
        let table = table
        subscription = try Subscription(handle, subject: prefix + "*") { table.receive($0) }
    }

    func ask(
        _ message: Message, timeout: Duration
    ) async throws(NATSFailure) -> Message {
        let table = table
        let result = await withCheckedContinuation { (waiter: Waiter) in
            let number = table.state.withLock {
                $0.nextNumber += 1
                $0.waiting[$0.nextNumber] = waiter
                return $0.nextNumber
            }
            let reply = prefix + String(number)
            handle.write { handle in
                let status = handle.publish(message, reply: reply)
                if status == NATS_OK {
                    _ = handle.flush(milliseconds: nudgeMilliseconds)
                } else {
                    table.answer(
                        number, .failure(NATSFailure(status, doing: "asking \(message.subject)")))
                }
            }
            handle.write(after: timeout) { _ in
                table.answer(number, .failure(.timedOut("a request on \(message.subject)")))
            }
        }
        do {
            return try result.get()
        } catch .noResponders {
            throw .noResponders(subject: message.subject)
        } catch {
            throw error
        }
    }
}

/// How long a flush that only hurries the library's buffer may wait for the server, in ms.
///
/// The library writes by itself after about 1 ms; the wait is only the price of asking earlier.
let nudgeMilliseconds: Int64 = 2
