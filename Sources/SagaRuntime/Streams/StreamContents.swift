import SagaCore

/// Which events lie on a stream, by their ids.
///
/// An id takes 16 bytes here, whatever its length: 128 bits of SHA-1 tell them apart.
struct StreamContents {
    private let bus: any Bus
    private let stream: String
    private let limits: StreamLimits
    private var ids: Set<UniqueID> = []
    /// The number up to which messages were read.
    private(set) var readUpTo: UInt64

    /// The contents of a stream behind a message; nothing is read yet.
    init(of stream: String, behind number: UInt64, on bus: any Bus, limits: StreamLimits) {
        self.bus = bus
        self.stream = stream
        self.limits = limits
        readUpTo = number
    }

    /// Reads what came up to a number, page by page; of more messages than are kept in mind, the
    /// newest.
    mutating func read(upTo last: UInt64) async throws {
        if last > readUpTo, last - readUpTo > limits.idsMax { readUpTo = last - limits.idsMax }
        while readUpTo < last {
            let end = min(last, readUpTo + limits.idPage)
            for id in try await bus.messageIDs(readUpTo + 1...end, in: stream) {
                ids.insert(Self.key(id))
            }
            readUpTo = end
            try Task.checkCancellation()
        }
    }

    func contains(_ event: RecordedEvent) -> Bool { ids.contains(Self.key(event.event.id)) }

    private static func key(_ id: String) -> UniqueID { UniqueID(high: 0, low: 0).derived(id) }
}
