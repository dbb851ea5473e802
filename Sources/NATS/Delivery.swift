/// A message of a stream, handed out by a pull consumer and to be acknowledged.
package struct Delivery: Sendable {
    /// The subject it was published on.
    package let subject: String
    /// Its headers, as far as the consumer's options ask for them, names in no particular order;
    /// of several values of one name the first.
    package let headers: [(String, String)]
    /// Its bytes.
    package let payload: [UInt8]
    /// Its place in the stream, from 1.
    package let streamSequence: UInt64
    /// Which delivery of this message this is, from 1.
    package let deliveryCount: Int
    /// How many messages the consumer still had to deliver when it delivered this one.
    package let pending: UInt64
    /// When the stream stored it, in nanoseconds since 1970.
    package let storedAt: Int64

    let acknowledgement: String
    private let handle: ConnectionHandle

    /// Reads a received message with those of its headers, or all; `nil` where it is none of a
    /// JetStream consumer.
    init?(_ received: borrowing Received, headers names: [String]?, handle: ConnectionHandle) {
        guard let reply = received.replySubject, let place = AckSubject(reply) else { return nil }
        subject = received.subject
        headers = names.map { received.headers($0) } ?? received.headers()
        payload = received.payload()
        streamSequence = place.streamSequence
        deliveryCount = place.deliveryCount
        pending = place.pending
        storedAt = place.storedAt
        acknowledgement = reply
        self.handle = handle
    }

    /// The first value of a header: the exact name first, then without regard to case.
    package func header(_ name: String) -> String? { firstHeader(name, in: headers) }

    /// Says that it is dealt with. Returns at once; a lost acknowledgement is another delivery.
    package func ack() { answer("+ACK") }

    /// Asks for it again, after a while.
    package func nak(delay: Duration = .zero) {
        answer(delay > .zero ? "-NAK {\"delay\": \(delay.wholeNanoseconds)}" : "-NAK")
    }

    /// Says that it shall never come again, dealt with or not.
    package func term() { answer("+TERM") }

    /// Says that it is being worked on, so that the acknowledgement wait begins anew.
    package func inProgress() { answer("+WPI") }

    private func answer(_ text: String) {
        let subject = acknowledgement
        handle.write { _ = $0.publish(subject: subject, reply: nil, payload: Array(text.utf8)) }
    }
}

extension Sequence<Delivery> {
    /// Acknowledges all of them; cheaper than one by one.
    package func ackAll() {
        let subjects = map(\.acknowledgement)
        guard let handle = first(where: { _ in true })?.writer else { return }
        handle.write { handle in
            let payload = Array("+ACK".utf8)
            for subject in subjects {
                _ = handle.publish(subject: subject, reply: nil, payload: payload)
            }
        }
    }
}

extension Delivery {
    var writer: ConnectionHandle { handle }
}

/// What the reply subject of a delivery tells about it.
///
/// `$JS.ACK.<stream>.<consumer>.<delivered>.<stream seq>.<consumer seq>.<time>.<pending>`, or with
/// a domain and an account hash before the stream, and maybe more tokens behind.
struct AckSubject: Equatable {
    var streamSequence: UInt64
    var deliveryCount: Int
    var pending: UInt64
    var storedAt: Int64

    init?(_ subject: String) {
        guard subject.hasPrefix("$JS.ACK.") else { return nil }
        // Without an array or a string for each token: every delivery comes through here.
        var subject = subject
        guard let place = subject.withUTF8({ Self(tokensOf: $0) }) else { return nil }
        self = place
    }

    private init?(tokensOf bytes: UnsafeBufferPointer<UInt8>) {
        let dots = bytes.reduce(0) { $0 + ($1 == UInt8(ascii: ".") ? 1 : 0) }
        guard dots == 8 || dots >= 10 else { return nil }
        let first = dots == 8 ? 4 : 6
        var start = 0
        for _ in 0..<first { start = Self.end(of: start, bytes) + 1 }
        func number() -> UInt64? {
            let end = Self.end(of: start, bytes)
            defer { start = end + 1 }
            return Self.number(bytes[start..<end])
        }
        guard let delivered = number().flatMap({ Int(exactly: $0) }), let sequence = number()
        else { return nil }
        start = Self.end(of: start, bytes) + 1
        guard let time = number().flatMap({ Int64(exactly: $0) }), let pending = number()
        else { return nil }
        streamSequence = sequence
        deliveryCount = delivered
        self.pending = pending
        storedAt = time
    }

    /// Where the token ends that begins there.
    private static func end(of start: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var end = start
        while end < bytes.count, bytes[end] != UInt8(ascii: ".") { end += 1 }
        return end
    }

    private static func number(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> UInt64? {
        guard (1...19).contains(digits.count) else { return nil }
        var number: UInt64 = 0
        for digit in digits {
            guard (48...57).contains(digit) else { return nil }
            number = number * 10 + UInt64(digit - 48)
        }
        return number
    }
}
