import SagaCheck
import SagaCore

/// Answers commands as stories say, and keeps the participant's contract: what is final is recorded
/// by command id and repeated; after a compensation, or a probe's `never`, the late command is
/// refused.
///
/// A value: what it remembers is in memory, and gone with it.
struct ScriptedParticipant: Sendable {
    private let scripts: [String: Script]
    private var records = Remembered<String, Record>(limit: Self.memory)
    private var places = Remembered<Attempt, Int>(limit: Self.memory)
    private var counts = Remembered<Course, Int>(limit: Self.memory)

    /// The most commands that are remembered; beyond, the oldest are forgotten.
    static let memory = 100_000

    /// What is done about one command.
    enum Act: Equatable, Sendable {
        /// It is answered.
        case answer(Reply.Answer)
        /// It is answered twice.
        case answerTwice(Reply.Answer)
        /// It is answered just after its attempt timed out.
        case answerLate(Reply.Answer)
        /// It is not answered.
        case silence
        /// It is of a saga that is not played.
        case leave
    }

    private struct Record {
        /// The final answer; nil where there is none.
        var answer: Reply.Answer?
        /// Whether it was taken back, or is never to be done.
        var isClosed = false
        /// Whether its work was done.
        var isDone = false
    }

    /// One attempt of a command, however often it is delivered.
    private struct Attempt: Hashable {
        var commandID: String
        var attempt: Int
    }

    /// The commands of one saga that are answered alike.
    private struct Course: Hashable {
        var sagaID: String
        var target: Target
    }

    /// A participant that plays those, each of another definition.
    init(_ scripts: [Script]) {
        self.scripts = Dictionary(uniqueKeysWithValues: scripts.map { ($0.definition.name, $0) })
    }

    /// What is done about a command.
    mutating func act(on command: PlayedCommand) -> Act {
        guard let script = scripts[command.saga] else { return .leave }
        if records[command.id]?.isClosed == true { return .answer(Self.refusal) }
        let usual = usualAnswer(to: command, script)
        let reaction = script.scenario.reaction(
            to: command.target, attempt: place(of: command))
        switch reaction ?? .answer(usual) {
        case .answer(let answer): return .answer(settled(command, answer))
        case .timeout: return .silence
        case .late(let answer): return .answerLate(settled(command, answer))
        case .duplicate(let answer): return .answerTwice(settled(command, answer))
        }
    }

    /// How often the work of each of those commands is done and not taken back.
    func standing(_ commands: [String]) -> [String: Int] {
        var standing: [String: Int] = [:]
        for command in commands {
            guard let record = records[command] else { continue }
            standing[command] = record.isDone && !record.isClosed ? 1 : 0
        }
        return standing
    }

    /// The answer to a command that comes after it was taken back.
    static let refusal = Reply.Answer.error(
        code: "compensated", message: "this command was taken back or given up before it came",
        isRetriable: false)

    /// Which attempt of the story this is, from 0; the same for every delivery of it.
    private mutating func place(of command: PlayedCommand) -> Int {
        let attempt = Attempt(commandID: command.id, attempt: command.attempt)
        if let place = places[attempt] { return place }
        let course = Course(sagaID: command.sagaID, target: command.target)
        let place = counts[course] ?? 0
        counts[course] = place + 1
        places[attempt] = place
        return place
    }

    /// What is answered where the story says nothing; a probe is answered with what is known.
    private func usualAnswer(to command: PlayedCommand, _ script: Script) -> Reply.Answer {
        let usual = script.definition.usualAnswer(to: command.target)
        switch command.target.kind {
        case .command, .compensation: return usual
        case .probe:
            let record = command.originalID.flatMap { records[$0] }
            let never = Reply.Answer.outcome("never", .map(Members()))
            if record?.isClosed == true { return never }
            switch record?.answer {
            case nil: return usual
            case .outcome?: return record?.answer ?? usual
            case .error?: return never
            }
        }
    }

    /// The final answer that is recorded already, or this one, recorded where it is final.
    private mutating func settled(_ command: PlayedCommand, _ answer: Reply.Answer) -> Reply.Answer
    {
        if let recorded = records[command.id]?.answer { return recorded }
        guard answer.isFinal else { return answer }
        records[command.id, default: Record()].answer = answer
        guard case .outcome(let outcome, _) = answer else { return answer }
        if command.target.kind == .command { note(outcome, of: command.id, command) }
        guard let original = command.originalID else { return answer }
        switch command.target.kind {
        case .command: break
        case .compensation: records[original, default: Record()].isClosed = true
        case .probe where outcome == "never": records[original, default: Record()].isClosed = true
        case .probe:
            records[original, default: Record()].answer = answer
            note(outcome, of: original, command)
        }
        return answer
    }

    /// Notes whether a command's work was done: an outcome that rejects says that nothing was.
    private mutating func note(_ outcome: String, of id: String, _ command: PlayedCommand) {
        let outcomes = scripts[command.saga]?.definition.step(at: command.target.path)?.outcomes
        let isDone = outcomes?.first { $0.name == outcome }?.then == .continue
        records[id, default: Record()].isDone = isDone
    }
}

extension Reply.Answer {
    /// Whether the same command is always answered so from then on.
    fileprivate var isFinal: Bool {
        switch self {
        case .outcome(let outcome, _): outcome != "pending"
        case .error(_, _, let isRetriable): !isRetriable
        }
    }
}

/// Values by key, of which the oldest are forgotten beyond a limit.
private struct Remembered<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let limit: Int
    private var values: [Key: Value] = [:]
    private var order: [Key] = []

    init(limit: Int) { self.limit = limit }

    subscript(key: Key) -> Value? {
        get { values[key] }
        set {
            guard let newValue else { return }
            if values.updateValue(newValue, forKey: key) == nil { order.append(key) }
            // Half at once: one by one each would move all the rest.
            guard order.count > limit else { return }
            for key in order.prefix(limit / 2) { values[key] = nil }
            order.removeFirst(limit / 2)
        }
    }

    subscript(key: Key, default value: Value) -> Value {
        get { values[key] ?? value }
        set { self[key] = newValue }
    }
}
