import NATS

extension Command {
    /// Why a message cannot be answered as a command.
    struct Unreadable: Error {
        var reason: String
    }

    /// The headers that ``init(_:subjectPrefix:)`` looks for.
    static let headers = [
        "Saga-Command-Id", "Saga-Reply-To", "Saga-Kind", "Saga-Original-Command-Id",
        "Saga-Attempt", "Saga-Name", "Saga-Id", "Saga-Key", "Saga-Step", "Saga-Deadline",
        "traceparent",
    ]

    /// Reads a delivery's headers.
    init(_ delivery: Delivery, subjectPrefix: String) throws(Unreadable) {
        guard let id = delivery.header("Saga-Command-Id"), !id.isEmpty, id.utf8.count <= 255 else {
            throw Unreadable(reason: "Saga-Command-Id is missing, empty or over 255 bytes")
        }
        guard let replyTo = delivery.header("Saga-Reply-To"), !replyTo.isEmpty else {
            throw Unreadable(reason: "Saga-Reply-To is missing")
        }
        guard let kind = Kind(rawValue: delivery.header("Saga-Kind") ?? "command") else {
            throw Unreadable(reason: "Saga-Kind is none of command, compensation, probe")
        }
        self.id = id
        self.kind = kind
        replySubject = replyTo
        name =
            delivery.subject.hasPrefix(subjectPrefix)
            ? String(delivery.subject.dropFirst(subjectPrefix.count)) : delivery.subject
        body = delivery.payload
        originalID = delivery.header("Saga-Original-Command-Id").flatMap { $0.isEmpty ? nil : $0 }
        attempt = delivery.header("Saga-Attempt").flatMap { Int($0) } ?? 1
        saga = delivery.header("Saga-Name") ?? ""
        sagaID = delivery.header("Saga-Id") ?? ""
        key = delivery.header("Saga-Key") ?? ""
        step = delivery.header("Saga-Step") ?? ""
        deadline = delivery.header("Saga-Deadline")
        traceparent = delivery.header("traceparent")
    }
}
