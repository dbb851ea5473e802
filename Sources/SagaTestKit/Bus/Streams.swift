import SagaCore
import SagaRuntime

/// What lies in the streams of an ``InMemoryBus``.
struct Streams {
    /// A command that nobody took yet.
    struct Waiting {
        let command: OutgoingCommand
        let sequence: UInt64
        /// Tells the two deliveries of a doubled command apart.
        let arrival: Int
        /// Whether a participant has it in hand or left it; that is asked again when participants
        /// change.
        var wasOffered = false
    }

    static let commandStream = "SAGA_COMMANDS"

    /// Which of all the streams that were ever made each one is.
    private var makings: [String: Int] = [commandStream: 0]
    private var making = 0
    private var sequences: [String: UInt64] = [:]
    /// The ids of the messages of each stream, by their numbers.
    private var ids: [String: [UInt64: String]] = [:]
    /// What each stream recognises repeated publishes by; never forgotten of itself.
    private var receipts: [String: [String: PublishReceipt]] = [:]
    var waiting: [Waiting] = []
    var sent: [OutgoingCommand] = []
    var events: [RecordedEvent] = []
    /// By their numbers, which begin with 1.
    private(set) var buried: [UInt64: (letter: DeadLetter, at: Instant)] = [:]
    private var burials: UInt64 = 0

    /// The dead letters, oldest first.
    var deadLetters: [DeadLetter] { buried.sorted { $0.key < $1.key }.map(\.value.letter) }

    mutating func bury(_ letter: DeadLetter, at now: Instant) {
        burials += 1
        buried[burials] = (letter, now)
    }

    mutating func unbury(_ number: UInt64) -> (letter: DeadLetter, at: Instant)? {
        buried.removeValue(forKey: number)
    }

    mutating func prepare(_ stream: String) {
        guard makings[stream] == nil else { return }
        making += 1
        makings[stream] = making
    }

    mutating func store(
        _ message: PublishedMessage, in stream: String, fault: PublishFault?
    ) -> PublishAnswer {
        if case .refuse(let reason) = fault { return .refused(reason) }
        guard makings[stream] != nil else {
            return .refused("there is no stream \(stream): prepare() makes it")
        }
        if case .loseUnacknowledged = fault { return .unknown }
        if let receipt = receipts[stream]?[message.messageID] {
            return .stored(receipt, isDuplicate: true)
        }
        let receipt = nextReceipt(in: stream)
        receipts[stream, default: [:]][message.messageID] = receipt
        ids[stream, default: [:]][receipt.sequence] = message.messageID
        switch fault {
        case nil: deliver(message, receipt)
        case .lose: ids[stream]?[receipt.sequence] = nil
        case .storeUnacknowledged:
            deliver(message, receipt)
            return .unknown
        case .deliverTwice:
            deliver(message, receipt)
            deliver(message, receipt)
        case .refuse, .loseUnacknowledged: preconditionFailure("these faults returned above")
        }
        return .stored(receipt, isDuplicate: false)
    }

    func isWaiting(_ receipt: PublishReceipt) -> Bool {
        receipt.stream == Self.commandStream
            && waiting.contains { $0.sequence == receipt.sequence }
    }

    /// Records what a participant did with a command that was offered to it.
    mutating func settle(_ command: Waiting, move: ParticipantMove) {
        switch move {
        case .answer, .silence: waiting.removeAll { $0.arrival == command.arrival }
        case .leave: break
        }
    }

    mutating func offerAgain() {
        for place in waiting.indices { waiting[place].wasOffered = false }
    }

    /// Loses everything that lies in the streams, as a broker does that lost its disk.
    mutating func forgetEverything() {
        for stream in makings.keys { lose(stream) }
    }

    /// Loses a stream with all that lies in it, and makes it again where that is said.
    mutating func lose(_ stream: String, isMadeAgain: Bool = true) {
        makings[stream] = nil
        if isMadeAgain { prepare(stream) }
        receipts[stream] = nil
        sequences[stream] = nil
        ids[stream] = nil
        if stream == Self.commandStream { waiting = [] }
        events.removeAll { $0.event.stream == stream }
    }

    /// Loses the messages of a stream behind that number, as a broker that crashed: it goes on with
    /// the next number.
    mutating func loseTail(of stream: String, behind number: UInt64) {
        sequences[stream] = number
        remove(from: stream) { $0 > number }
        receipts[stream] = receipts[stream]?.filter { $0.value.sequence <= number }
    }

    /// Removes messages from a stream, which recognises repeated publishes of them all the same.
    mutating func remove(from stream: String, where isGone: (UInt64) -> Bool) {
        let gone = Set(ids[stream, default: [:]].filter { isGone($0.key) }.values)
        ids[stream] = ids[stream]?.filter { !isGone($0.key) }
        events.removeAll { $0.event.stream == stream && gone.contains($0.event.id) }
    }

    func standing(of stream: String) -> StreamStanding? {
        guard let making = makings[stream] else { return nil }
        let last = sequences[stream, default: 0]
        let ids = ids[stream, default: [:]]
        return StreamStanding(
            identity: String(making), first: ids.keys.min() ?? last + 1, last: last,
            messages: UInt64(ids.count))
    }

    func id(of number: UInt64, in stream: String) -> String? { ids[stream]?[number] }

    func ids(of numbers: ClosedRange<UInt64>, in stream: String) -> [String] {
        ids[stream, default: [:]].filter { numbers.contains($0.key) }
            .sorted { $0.key < $1.key }.map(\.value)
    }

    /// The number of the message that came last.
    func lastSequence(in stream: String) -> UInt64 { sequences[stream, default: 0] }

    mutating func forgetIdentities() { receipts = [:] }

    private mutating func nextReceipt(in stream: String) -> PublishReceipt {
        sequences[stream, default: 0] += 1
        return PublishReceipt(stream: stream, sequence: sequences[stream, default: 0])
    }

    private mutating func deliver(_ message: PublishedMessage, _ receipt: PublishReceipt) {
        switch message.content {
        case .command(let command):
            sent.append(command)
            waiting.append(
                Waiting(command: command, sequence: receipt.sequence, arrival: sent.count))
        case .event(let event): events.append(event)
        }
    }
}

/// Which commands a participant takes: `payments.debit`, or all below with `payments.>`.
struct SubjectPattern {
    private let text: String

    init(_ text: String) { self.text = text }

    func matches(_ subject: String) -> Bool {
        if text == ">" { return true }
        guard text.hasSuffix(".>") else { return subject == text }
        return subject.hasPrefix(text.dropLast()) && subject.utf8.count >= text.utf8.count
    }
}
