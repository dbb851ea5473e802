/// A message of a stream, handed out by a pull consumer and to be acknowledged.
package struct Delivery: Sendable {
    /// The subject it was published on.
    package let subject: String
    /// Its headers, names in no particular order; of several values of one name the first.
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

    /// Reads a received message; `nil` where it is none of a JetStream consumer.
    init?(_ received: borrowing Received, handle: ConnectionHandle) {
        guard let reply = received.replySubject, let place = AckSubject(reply) else { return nil }
        subject = received.subject
        headers = received.headers()
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
        // By the dots, without a string for each token: every delivery comes through here.
        let bytes = Array(subject.utf8)
        var starts = [0]
        starts.reserveCapacity(12)
        for (place, byte) in bytes.enumerated() where byte == UInt8(ascii: ".") {
            starts.append(place + 1)
        }
        guard starts.count == 9 || starts.count >= 11 else { return nil }
        starts.append(bytes.count + 1)
        func number(_ token: Int) -> UInt64? {
            Self.number(bytes[starts[token]..<starts[token + 1] - 1])
        }
        let first = starts.count == 10 ? 4 : 6
        guard let delivered = number(first).flatMap({ Int(exactly: $0) }),
            let sequence = number(first + 1),
            let time = number(first + 3).flatMap({ Int64(exactly: $0) }),
            let pending = number(first + 4)
        else { return nil }
        streamSequence = sequence
        deliveryCount = delivered
        self.pending = pending
        storedAt = time
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        guard (1...19).contains(digits.count) else { return nil }
        var number: UInt64 = 0
        for digit in digits {
            guard (48...57).contains(digit) else { return nil }
            number = number * 10 + UInt64(digit - 48)
        }
        return number
    }
}
