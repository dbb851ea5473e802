import SagaCore

/// Which events lie on a stream, by their ids.
///
/// An id takes 16 bytes here, whatever its length: 128 bits of SHA-1 tell them apart.
struct StreamContents {
    private let bus: any Bus
    private let stream: String
    /// Whether messages go by themselves.
    private let dropsMessages: Bool
    private let limits: StreamLimits
    private var ids: Set<UniqueID> = []
    /// The number up to which messages were read.
    private(set) var readUpTo: UInt64
    /// The newest message that is known to have lain there: whoever finds it there afterwards knows
    /// that the stream did not lose its end meanwhile.
    private(set) var newest: StreamWitnesses.One?

    /// The contents of a stream behind a message; nothing is read yet.
    init(
        of stream: String, behind number: UInt64, dropsMessages: Bool, on bus: any Bus,
        limits: StreamLimits
    ) {
        self.dropsMessages = dropsMessages
        self.bus = bus
        self.stream = stream
        self.limits = limits
        readUpTo = number
    }

    /// Reads what came up to a number, page by page; of more messages than are kept in mind, the
    /// newest.
    ///
    /// - Throws: ``BusError``, also where the stream lost its end; `CancellationError`.
    mutating func read(upTo last: UInt64) async throws {
        if last < newest?.number ?? 0 { throw BusError.lostItsEnd }
        if last > readUpTo, last - readUpTo > limits.idsMax { readUpTo = last - limits.idsMax }
        // Before the others: what is lost while they are read shows in it.
        if readUpTo < last, let id = try await bus.messageID(last, in: stream) {
            newest = StreamWitnesses.One(number: last, id: id)
        }
        while readUpTo < last {
            let end = min(last, readUpTo + limits.idPage)
            for id in try await bus.messageIDs(readUpTo + 1...end, in: stream) {
                ids.insert(Self.key(id))
            }
            readUpTo = end
            try Task.checkCancellation()
        }
    }

    /// Notes events that were sent, with what became of each.
    ///
    /// - Throws: ``BusError`` where the numbers of those that are new say that the stream lost its end.
    mutating func note(_ events: [RecordedEvent], _ answers: [PublishAnswer]) throws {
        let floor = newest?.number ?? 0
        var numbers: Set<UInt64> = []
        for (event, answer) in zip(events, answers) {
            guard let number = answer.receipt?.sequence else { continue }
            let fits = number > floor && numbers.insert(number).inserted
            if !fits, !answer.isDuplicate { throw BusError.lostItsEnd }
            if number > newest?.number ?? 0 {
                newest = StreamWitnesses.One(number: number, id: event.event.id)
            }
        }
    }

    /// Looks whether the newest message still lies there.
    ///
    /// - Throws: ``BusError`` where it does not.
    func checkEnd() async throws {
        guard let newest else { return }
        let id = try await bus.messageID(newest.number, in: stream)
        let isThere = id.map { $0.utf8.elementsEqual(newest.id.utf8) } ?? dropsMessages
        if !isThere { throw BusError.lostItsEnd }
    }

    func contains(_ event: RecordedEvent) -> Bool { ids.contains(Self.key(event.event.id)) }

    private static func key(_ id: String) -> UniqueID { UniqueID(high: 0, low: 0).derived(id) }
}

extension BusError {
    /// A stream that is being repaired lost what it had.
    static let lostItsEnd = BusError(.unavailable, "the stream lost its end again")
}
