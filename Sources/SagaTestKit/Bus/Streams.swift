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

    private var prepared: Set<String> = [commandStream]
    private var sequences: [String: UInt64] = [:]
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

    mutating func prepare(_ stream: String) { prepared.insert(stream) }

    mutating func store(
        _ message: PublishedMessage, in stream: String, fault: PublishFault?
    ) -> PublishAnswer {
        if case .refuse(let reason) = fault { return .refused(reason) }
        guard prepared.contains(stream) else {
            return .refused("there is no stream \(stream): prepare() makes it")
        }
        if case .loseUnacknowledged = fault { return .unknown }
        if let receipt = receipts[stream]?[message.messageID] {
            return .stored(receipt, isDuplicate: true)
        }
        let receipt = nextReceipt(in: stream)
        receipts[stream, default: [:]][message.messageID] = receipt
        switch fault {
        case nil: deliver(message, receipt)
        case .lose: break
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
        receipts = [:]
        sequences = [:]
        waiting = []
        events = []
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
