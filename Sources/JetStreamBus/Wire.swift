import NATS
import SagaCore
import SagaRuntime

/// How commands, events and dead letters look on the wire.
enum Wire {
    /// What a stream recognises a repeated publish by.
    static let idHeader = "Nats-Msg-Id"

    /// A command with the headers of the contract.
    static func message(_ outgoing: OutgoingCommand) -> Message {
        let command = outgoing.command
        let sagaID = outgoing.saga.id.description
        let commandID = command.id.description
        var headers: [(String, String)] = [
            (idHeader, outgoing.messageID),
            ("Saga-Command-Id", commandID),
            ("Saga-Name", outgoing.saga.name),
            ("Saga-Version", String(outgoing.saga.definitionVersion)),
            ("Saga-Id", sagaID),
            ("Saga-Key", headerText(outgoing.saga.key)),
            ("Saga-Step", command.path),
            ("Saga-Kind", command.kind.rawValue),
            ("Saga-Attempt", String(command.attempt)),
            (
                "Saga-Reply-To",
                ReplyText.subject(
                    sagaID: outgoing.saga.id, commandID: command.id, attempt: command.attempt)
            ),
            ("traceparent", traceParent(of: outgoing)),
        ]
        if let deadline = command.dueAt {
            headers.append(("Saga-Deadline", deadline.description))
        }
        if let original = command.originalID {
            headers.append(("Saga-Original-Command-Id", original.description))
        }
        let body: Value =
            switch command.body {
            case .document: outgoing.document
            case .value(let value): value
            }
        return Message(
            subject: "saga.command.\(command.subject)", headers: headers,
            payload: body.jsonBytes)
    }

    /// A domain event in the binary mode of CloudEvents.
    static func message(_ recorded: RecordedEvent) -> Message {
        let event = recorded.event
        var headers: [(String, String)] = [
            (idHeader, headerText(event.id)),
            ("ce-specversion", "1.0"),
            ("ce-id", headerText(event.id)),
            ("ce-type", event.type),
            ("ce-source", "/sagad"),
            ("ce-sequence", String(recorded.version)),
            ("ce-subject", headerText(event.aggregateID)),
            ("ce-time", recorded.recordedAt.description),
            ("ce-datacontenttype", "application/json"),
            ("ce-aggregatetype", headerText(event.aggregateType)),
        ]
        if let sagaID = recorded.sagaID { headers.append(("Saga-Id", sagaID.description)) }
        return Message(subject: event.type, headers: headers, payload: event.body ?? [])
    }

    /// The headers by which news are told from an event's message.
    static let newsHeaders = ["ce-aggregatetype", "ce-subject", "ce-sequence"]

    /// The news that the headers of an event's message tell; nil where they name no event.
    static func news(_ delivery: Delivery) -> EventNews? {
        guard let type = delivery.header(newsHeaders[0]).flatMap(text(ofHeader:)),
            let id = delivery.header(newsHeaders[1]).flatMap(text(ofHeader:)),
            let version = delivery.header(newsHeaders[2]).flatMap({ Int64($0) }), version > 0
        else { return nil }
        return EventNews(
            key: ViewKey(collection: type, id: id), version: version,
            at: Instant(microseconds: delivery.storedAt / 1000),
            sequence: delivery.streamSequence)
    }

    /// A reply that cannot be used, with the reason beside it.
    static func deadLetter(_ delivery: ReplyDelivery, _ reason: DeadLetterReason) -> Message {
        Message(
            subject: "saga.dead.\(delivery.subject)",
            headers: [
                ("Saga-Dead-Reason", reason.code),
                ("Saga-Dead-Message", headerText(reason.message)),
                ("Saga-Dead-Subject", delivery.subject),
            ],
            payload: delivery.body)
    }

    /// The dead letter that a message of the stream is.
    static func deadLetter(_ message: StoredMessage) -> DeadLetterRecord {
        func header(_ name: String) -> String? {
            firstHeader(name, in: message.headers).flatMap(text(ofHeader:))
        }
        let prefix = "saga.dead."
        let bare =
            message.subject.hasPrefix(prefix)
            ? String(message.subject.dropFirst(prefix.count)) : message.subject
        return DeadLetterRecord(
            number: message.sequence, subject: header("Saga-Dead-Subject") ?? bare,
            body: message.payload,
            reason: DeadLetterReason(
                code: header("Saga-Dead-Reason") ?? "unknown",
                message: header("Saga-Dead-Message") ?? "its headers give no reason"),
            at: Instant(message.time))
    }

    /// A W3C trace context: the saga is the trace, the command the span.
    private static func traceParent(of outgoing: OutgoingCommand) -> String {
        let saga = outgoing.saga.id
        // Written byte by byte: every command has one.
        return String(unsafeUninitializedCapacity: 55) { bytes in
            var end = 0
            func write(_ text: StaticString) {
                for place in 0..<text.utf8CodeUnitCount {
                    bytes[end] = text.utf8Start[place]
                    end += 1
                }
            }
            func write(_ word: UInt64) {
                for shift in stride(from: UInt64(60), through: 0, by: -4) {
                    let digit = UInt8(truncatingIfNeeded: word >> shift & 15)
                    bytes[end] = digit < 10 ? 48 + digit : 87 + digit
                    end += 1
                }
            }
            write("00-")
            write(saga.high)
            write(saga.low)
            write("-")
            write(outgoing.command.id.low)
            write("-01")
            return end
        }
    }

    /// Text as a header may hold it: what is not printable ASCII, and the percent sign, stands
    /// percent-encoded, as the NATS binding of CloudEvents says.
    static func headerText(_ text: String) -> String {
        func isPlain(_ byte: UInt8) -> Bool { (0x20...0x7E).contains(byte) && byte != 0x25 }
        let edges = text.utf8.first == 0x20 || text.utf8.last == 0x20
        if text.utf8.allSatisfy(isPlain), !edges { return text }
        var encoded = ""
        for byte in text.utf8 {
            if isPlain(byte), byte != 0x20 {
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += "%" + (digits.count == 1 ? "0" + digits : digits)
            }
        }
        return encoded
    }

    /// The text that ``headerText(_:)`` wrote; nil where it is no such text.
    static func text(ofHeader value: String) -> String? {
        let percent = UInt8(ascii: "%")
        if !value.utf8.contains(percent) { return value }
        var bytes: [UInt8] = []
        var rest = value.utf8.makeIterator()
        while let byte = rest.next() {
            guard byte == percent else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.next().flatMap(nibble), let low = rest.next().flatMap(nibble)
            else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func nibble(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
