import GRPCCore

/// The call `eventstore.EventStore/CreateEvent` as the bench makes it.
///
/// The messages are few and flat, and their field numbers fixed by the contract: they are written
/// here by hand, so that the load client costs little of the processors that it measures.
enum AppendCall {
    /// The method's name.
    static let method = MethodDescriptor(
        fullyQualifiedService: "eventstore.EventStore", method: "CreateEvent")

    /// Appends an event; answers once it is durable.
    ///
    /// - Throws: the call's status where it failed.
    static func make(
        _ event: BenchEvent, on client: GRPCClient<some ClientTransport>
    ) async throws -> Bool {
        try await client.unary(
            request: ClientRequest(message: event), descriptor: method, serializer: Writer(),
            deserializer: Reader(), options: .defaults
        ) { try $0.message }
    }

    /// Writes a `CreateEventRequest`.
    struct Writer: MessageSerializer {
        func serialize<Bytes: GRPCContiguousBytes>(_ event: BenchEvent) -> Bytes {
            Bytes(
                Self.field(1, event.fields.flatMap { Self.field($0.number, Array($0.text.utf8)) }))
        }

        /// A field with a content of a known length; numbers are under 16.
        private static func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
            var bytes = [number << 3 | 2]
            var length = content.count
            while length > 0x7F {
                bytes.append(UInt8(length & 0x7F) | 0x80)
                length >>= 7
            }
            bytes.append(UInt8(length))
            return bytes + content
        }
    }

    /// Reads whether a `CreateEventResponse` says that it succeeded: its field 1.
    struct Reader: MessageDeserializer {
        func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) -> Bool {
            bytes.withUnsafeBytes { Array($0.prefix(2)) } == [1 << 3, 1]
        }
    }
}

/// An event that the bench appends.
struct BenchEvent: Sendable, Equatable {
    /// The event's id.
    var id: String
    /// The id of its aggregate.
    var aggregate: String

    /// As much data as an order's middle events have.
    private static let data =
        #"{"note": "leave it at the door", "by": "c-1", "at": "2026-01-01T00:00:00Z"}"#

    /// The fields of the message `Event`, by their numbers.
    var fields: [(number: UInt8, text: String)] {
        [
            (1, id), (2, "ORDERS.noted"), (3, aggregate), (4, "order"), (5, Self.data),
            (6, "ORDERS"),
        ]
    }
}
