import SagaRuntime

extension Eventstore_Event {
    /// The event as it goes out.
    init(_ recorded: RecordedEvent) {
        let event = recorded.event
        self.init()
        eventID = event.id
        eventType = event.type
        aggregateID = event.aggregateID
        aggregateType = event.aggregateType
        eventData = event.body.map { String(decoding: $0, as: UTF8.self) } ?? ""
        stream = event.stream
    }

    /// The bytes that it takes as an element of a list on the wire.
    var bytesInList: Int {
        let texts = [eventID, eventType, aggregateID, aggregateType, eventData, stream]
        let bytes = texts.reduce(0) { sum, text in
            text.isEmpty ? sum : sum + Self.field(bytes: text.utf8.count)
        }
        return Self.field(bytes: bytes)
    }

    /// The bytes of a field with a tag, a length and a content: field numbers are under 16.
    private static func field(bytes: Int) -> Int {
        let lengthBits = Int.bitWidth - bytes.leadingZeroBitCount
        return 1 + max(1, (lengthBits + 6) / 7) + bytes
    }
}
