import Foundation
import NATS
import SagaCheck
import SagaCore
import Synchronization

/// A command as an examination asks it: one delivery of it.
struct AskedCommand: Sendable {
    /// The idempotency key: the same for all deliveries.
    var id: String
    /// What follows `saga.command.`.
    var subject: String
    /// What is wanted.
    var kind: CommandKind
    /// Which attempt this is, from 1.
    var attempt = 1
    /// How often this attempt was sent again, from 0.
    var resend = 0
    /// What a compensation or a probe is about: the id of the step's command.
    var originalID: String?
    /// The saga that is played.
    var sagaID: String
    /// The saga's business key.
    var key: String
    /// The body.
    var body: Value
}

/// An answer that was heard.
struct HeardAnswer: Sendable {
    /// The attempt on whose subject it came.
    var attempt: Int
    /// The answer; nil where it is none as the protocol has it.
    var answer: Reply.Answer?
    /// What it says, or why it says nothing.
    var words: String
}

/// The daemon's side of the wire, for one examination.
///
/// Commands go where the participant takes them from; answers are asked for on subjects of the
/// examination's own, in a stream of its own, so that no daemon hears of them. A final class
/// because the library's deliveries and the waiting cases share what was heard.
final class ExaminationWire: Sendable {
    /// The beginning of the names of its streams and consumers.
    static let streamPrefix = "SAGACTL_CONFORM_"
    /// The beginning of the subjects on which it is answered.
    static let subjectPrefix = "sagactl.conform."
    /// How often the queue is looked at while commands lie in it.
    private static let lookAgain: Duration = .milliseconds(50)
    /// The most bytes of answers that are kept; a participant that floods it loses the oldest.
    private static let streamBytes: Int64 = 64 * 1024 * 1024

    /// The longest wait for one answer.
    let patience: Duration
    private let token: String
    private let step: ExaminedStep
    private let connection: Connection
    private let streams: JetStream
    private let publisher: Publisher
    private let state = Mutex(State())

    private struct State {
        var heard: [String: [HeardAnswer]] = [:]
        var waiters: [UInt64: Waiter] = [:]
        var nextWaiter: UInt64 = 0
        /// The places in the queue of what was sent.
        var sent: Set<UInt64> = []

        /// Whether so many answers to that attempt were heard.
        func has(_ count: Int, of id: String, _ attempt: Int) -> Bool {
            (heard[id] ?? []).count { $0.attempt == attempt } >= count
        }
    }

    private struct Waiter {
        var id: String
        var attempt: Int
        var count: Int
        var resume: @Sendable () -> Void
    }

    /// A wire for the examination of that step; `token` tells it from others at the same time.
    init(
        _ step: ExaminedStep, token: String, patience: Duration, _ connection: Connection
    ) async throws(NATSFailure) {
        self.step = step
        self.token = token
        self.patience = patience
        self.connection = connection
        streams = JetStream(connection)
        publisher = try await Publisher(connection)
    }

    /// The subjects of the step that nobody takes commands from.
    func unserved() async throws -> [String] {
        let filters = try await streams.consumers(on: CommandDesk.stream).map {
            $0.configuration.filterSubject ?? ">"
        }
        return step.subjects.filter { subject in
            !filters.contains { SubjectPattern.overlap($0, PlayedCommand.prefix + subject) }
        }
    }

    /// Runs the body while answers are heard, and leaves nothing behind.
    func open<Value>(_ body: () async throws -> Value) async throws -> Value {
        let name = Self.streamPrefix + token
        var stream = StreamConfiguration(
            name: name, subjects: ["\(Self.subjectPrefix)\(token).>"])
        stream.storage = .memory
        stream.maxBytes = Self.streamBytes
        try await streams.createStream(stream)
        do {
            let consumer = ConsumerConfiguration(durable: name)
            try await streams.createConsumer(consumer, on: name)
            let pull = try await PullConsumer(connection, stream: name, durable: name)
            let listening = Task { await listen(to: pull) }
            defer {
                listening.cancel()
                pull.close()
            }
            let value = try await body()
            await leave(name)
            return value
        } catch {
            await leave(name)
            throw error
        }
    }

    private func leave(_ stream: String) async {
        for sequence in state.withLock({ $0.sent }) {
            try? await streams.deleteMessage(sequence, in: CommandDesk.stream)
        }
        _ = try? await streams.deleteStream(stream)
    }

    // MARK: Asking

    /// Sends commands in order.
    func send(_ commands: [AskedCommand]) async throws(NATSFailure) {
        for outcome in await publisher.publish(batch: commands.map(message)) {
            switch outcome {
            case .stored(_, let sequence, _):
                state.withLock { _ = $0.sent.insert(sequence) }
            case .refused(let code, let why):
                throw .refused(code: code, errorCode: 0, description: why)
            case .unknown(let why): throw .timedOut("a command was not stored: \(why)")
            }
        }
    }

    private func message(_ command: AskedCommand) -> Message {
        let due = Date().addingTimeInterval(Double(patience.components.seconds))
        var headers: [(String, String)] = [
            ("Nats-Msg-Id", "\(command.id).\(command.attempt).\(command.resend)"),
            ("Saga-Command-Id", command.id), ("Saga-Name", step.saga), ("Saga-Version", "1"),
            ("Saga-Id", command.sagaID), ("Saga-Key", command.key), ("Saga-Step", step.step),
            ("Saga-Kind", command.kind.rawValue), ("Saga-Attempt", String(command.attempt)),
            ("Saga-Deadline", due.formatted(.iso8601)),
            ("Saga-Reply-To", "\(Self.subjectPrefix)\(token).\(command.id).\(command.attempt)"),
        ]
        if let original = command.originalID {
            headers.append(("Saga-Original-Command-Id", original))
        }
        return Message(
            subject: PlayedCommand.prefix + command.subject, headers: headers,
            payload: command.body.replacing(ExaminedStep.keyMark, with: command.key).jsonBytes)
    }

    // MARK: Hearing

    /// All that was heard of a command, in the order in which it came.
    func heard(_ id: String) -> [HeardAnswer] { state.withLock { $0.heard[id] ?? [] } }

    /// What was heard to that attempt, once it is that much or patience has ended.
    func answers(_ count: Int, to id: String, attempt: Int) async -> [HeardAnswer] {
        let (patience, done) = (patience, AsyncStream<Void>.makeStream())
        let number = state.withLock { state -> UInt64? in
            guard !state.has(count, of: id, attempt) else { return nil }
            state.nextWaiter += 1
            state.waiters[state.nextWaiter] = Waiter(id: id, attempt: attempt, count: count) {
                done.continuation.finish()
            }
            return state.nextWaiter
        }
        if let number {
            let limit = Task {
                if (try? await Task.sleep(for: patience)) != nil { done.continuation.finish() }
            }
            for await _ in done.stream {}
            limit.cancel()
            state.withLock { _ = $0.waiters.removeValue(forKey: number) }
        }
        return heard(id).filter { $0.attempt == attempt }
    }

    /// How many commands lie in the queue still, once none does or patience has ended.
    func unacknowledged() async throws -> Int {
        let deadline = ContinuousClock.now + patience
        while true {
            for sequence in state.withLock({ $0.sent })
            where try await streams.message(sequence, in: CommandDesk.stream) == nil {
                state.withLock { _ = $0.sent.remove(sequence) }
            }
            let count = state.withLock { $0.sent.count }
            if count == 0 || ContinuousClock.now > deadline { return count }
            try await Task.sleep(for: Self.lookAgain)
        }
    }

    private func listen(to pull: PullConsumer) async {
        for await batch in pull {
            for delivery in batch { hear(delivery) }
            batch.ackAll()
        }
    }

    private func hear(_ delivery: Delivery) {
        let parts = delivery.subject.split(separator: ".")
        guard parts.count == 5, let attempt = Int(parts[4]) else { return }
        let id = String(parts[3])
        let heard = HeardAnswer(attempt: attempt, body: delivery.payload)
        let content = state.withLock { state in
            state.heard[id, default: []].append(heard)
            return state.waiters.values.filter { state.has($0.count, of: $0.id, $0.attempt) }
        }
        for waiter in content { waiter.resume() }
    }
}

extension HeardAnswer {
    /// The answer that a body holds, as strictly as the daemon reads it.
    init(attempt: Int, body: [UInt8]) {
        self.attempt = attempt
        do throws(NotAnAnswer) {
            let answer = try Reply.Answer(wire: body)
            self.answer = answer
            words = answer.words
        } catch {
            words = "\(String(decoding: body.prefix(200), as: UTF8.self)): \(error.why)"
        }
    }
}

/// Why a body is no answer.
struct NotAnAnswer: Error {
    /// What was expected.
    var why: String
}

extension Reply.Answer {
    /// Reads a reply's body (protocol.md, *A reply*).
    init(wire body: [UInt8]) throws(NotAnAnswer) {
        guard let members = (try? Value(json: body))?.members else {
            throw NotAnAnswer(why: "a reply must be a JSON object")
        }
        switch (members["outcome"], members["error"]) {
        case (.string(let outcome)?, nil):
            switch members["data"] {
            case .map(let data)?: self = .outcome(outcome, .map(data))
            case nil, .null?: self = .outcome(outcome, .map(Members()))
            case .bool?, .int?, .double?, .string?, .list?, .timestamp?, .duration?:
                throw NotAnAnswer(why: "'data' must be an object")
            }
        case (nil, .map(let error)?):
            guard let isRetriable = error["retriable"]?.truth else {
                throw NotAnAnswer(why: "'error.retriable' must be true or false")
            }
            guard let code = error["code"]?.text, !code.isEmpty else {
                throw NotAnAnswer(why: "'error.code' must be text")
            }
            self = .error(
                code: code, message: error["message"]?.text ?? "", isRetriable: isRetriable)
        case (_?, _?): throw NotAnAnswer(why: "it must have 'outcome' or 'error', has both")
        case (_, _):
            throw NotAnAnswer(why: "it must have 'outcome', a text, or 'error', an object")
        }
    }
}
