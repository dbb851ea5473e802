import Cnats
import Dispatch

/// Owns one C connection and the queue of writes to it; freed when nobody holds it.
final class ConnectionHandle: Sendable {
    nonisolated(unsafe) private let pointer: OpaquePointer  // SAFETY: locked by libnats itself
    private let callbackNumber: UInt
    private let writes = DispatchQueue(label: "nats.writes")
    let signals: ConnectionSignals

    /// Connects. Blocks: call it off the cooperative pool.
    init(_ options: ConnectionOptions) throws(NATSFailure) {
        let signals = ConnectionSignals(
            reconnectWait: options.reconnectWait, reconnectMax: options.reconnectMax)
        let number = CallbackTable.insert(.connection(signals))
        do {
            pointer = try OptionsHandle(options, signals: number).connect()
        } catch {
            CallbackTable.remove(number)
            throw error
        }
        callbackNumber = number
        self.signals = signals
    }

    deinit {
        CallbackTable.remove(callbackNumber)
        let address = UInt(bitPattern: pointer)
        // Destroying closes, and closing waits for the library's threads: not on this thread,
        // which may be one of them.
        DispatchQueue.global().async { natsConnection_Destroy(OpaquePointer(bitPattern: address)) }
    }

    /// Runs C calls that may block on the queue of writes, after everything given to it before.
    func write(_ body: @escaping @Sendable (ConnectionHandle) -> Void) {
        writes.async { body(self) }
    }

    /// The same after a delay.
    func write(after delay: Duration, _ body: @escaping @Sendable (ConnectionHandle) -> Void) {
        let deadline = DispatchTime.now() + .milliseconds(Int(max(delay.wholeMilliseconds, 1)))
        writes.asyncAfter(deadline: deadline) { body(self) }
    }

    /// Runs C calls that may block on the queue of writes and waits for them.
    func onWriteQueue<Value: Sendable>(
        _ body: @escaping @Sendable (ConnectionHandle) -> Value
    ) async -> Value {
        await withCheckedContinuation { continuation in
            write { continuation.resume(returning: body($0)) }
        }
    }

    /// Whether the library says that a server is there.
    var isConnected: Bool { natsConnection_Status(pointer) == NATS_CONN_STATUS_CONNECTED }

    /// Bytes of the largest message that the server takes.
    var maxPayload: Int64 { natsConnection_GetMaxPayload(pointer) }

    /// Buffers a message, or writes it when the buffer is full.
    func publish(_ message: Message, reply: String?) -> natsStatus {
        guard !message.headers.isEmpty else {
            return publish(subject: message.subject, reply: reply, payload: message.payload)
        }
        var made: OpaquePointer?
        let created = message.payload.withUnsafeBytes { payload in
            message.subject.withCString { subject in
                natsMsg_Create(
                    &made, subject, reply,
                    payload.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(payload.count))
            }
        }
        guard created == NATS_OK, let made else { return created }
        defer { natsMsg_Destroy(made) }
        for (name, value) in message.headers {
            // A text handed to C as an argument would be copied into an array first.
            let status = name.withCString { name in
                value.withCString { natsMsgHeader_Add(made, name, $0) }
            }
            guard status == NATS_OK else { return status }
        }
        return natsConnection_PublishMsg(pointer, made)
    }

    /// Buffers a message without headers, or writes it when the buffer is full.
    func publish(subject: String, reply: String?, payload: [UInt8]) -> natsStatus {
        payload.withUnsafeBytes { bytes in
            if let reply {
                natsConnection_PublishRequest(
                    pointer, subject, reply, bytes.baseAddress, Int32(bytes.count))
            } else {
                natsConnection_Publish(pointer, subject, bytes.baseAddress, Int32(bytes.count))
            }
        }
    }

    /// Writes what is buffered and waits for the server to have read it.
    func flush(milliseconds: Int64) -> natsStatus {
        natsConnection_FlushTimeout(pointer, milliseconds)
    }

    /// Makes a subscription whose messages go to the callback's number.
    func subscribe(subject: String, callback: UInt) throws(NATSFailure) -> UInt {
        var made: OpaquePointer?
        let closure = CallbackTable.closure(for: callback)
        let status = natsConnection_Subscribe(&made, pointer, subject, natsDelivered, closure)
        guard status == NATS_OK, let made else {
            throw NATSFailure(status, doing: "subscribing to \(subject)")
        }
        natsSubscription_SetPendingLimits(made, -1, -1)
        natsSubscription_SetOnCompleteCB(made, natsSubscriptionCompleted, closure)
        return UInt(bitPattern: made)
    }

    /// Starts draining, or closes where draining is not possible. The closed event follows.
    func drain(milliseconds: Int64) {
        if natsConnection_DrainTimeout(pointer, milliseconds) != NATS_OK {
            natsConnection_Close(pointer)
        }
    }
}
