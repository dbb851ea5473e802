import SagaCore

/// Reads a journal's rows, one after the other, into what participants, people and operators did.
struct JournalReading {
    /// What operators did, in order.
    private(set) var interventions: [Intervention] = []
    /// The events that the saga raised, in order.
    private(set) var events: [String] = []
    /// The steps that were taken back, in order.
    private(set) var compensated: [NodePath] = []
    /// How many attempts were sent by subject.
    private(set) var counts: [String: Int] = [:]

    private let definition: SagaDefinition
    private var slots: [Target: [Slot]] = [:]
    private var targets: [String: Target] = [:]
    private var subjects: [String: String] = [:]
    private var timedOut: Set<Attempt> = []
    private var stuck: [NodePath: CommandKind] = [:]
    private var lastEntered: NodePath?

    /// One attempt, or one time that somebody was waited for, and what came of it.
    private struct Slot {
        var attempt: Attempt?
        var reaction: Reaction?
    }

    private struct Attempt: Hashable {
        var id: String
        var number: Int64
    }

    init(_ definition: SagaDefinition) { self.definition = definition }

    /// How participants and people reacted, attempt by attempt; who was silent timed out.
    var given: [Target: [Reaction]] {
        slots.mapValues { slots in slots.map { $0.reaction ?? .timeout } }
    }

    /// Takes the next row, as JSON.
    mutating func take(_ row: Value) {
        let entries = row["entries"]?.elements ?? []
        if let input = row["input"] { take(input, entries) }
        for entry in entries { note(entry) }
    }

    // MARK: What came in

    private mutating func take(_ input: Value, _ entries: [Value]) {
        let reason = input["reason"]?.text ?? ""
        switch input["kind"]?.text {
        case "reply": reply(input, entries)
        case "report": report(input)
        case "appended": appended(entries)
        case "cancel":
            guard let path = lastEntered else { return }
            interventions.append(Intervention(.cancel, Target(path), reason: reason))
        case "retry":
            guard let path = input["step"]?.text else { return }
            interventions.append(
                Intervention(.retry, Target(path, stuck[path] ?? .command), reason: reason))
        case "settle", "propose_settling":
            let isDone = entries.contains {
                $0["kind"] == "operator_acted" && $0["verb"] == "settle"
            }
            guard isDone, let path = input["step"]?.text else { return }
            let outcome = input["outcome"]?.text
            interventions.append(
                Intervention(
                    .settle(outcome: outcome),
                    Target(path, outcome == nil ? .compensation : .command), reason: reason))
        default: break
        }
    }

    private mutating func reply(_ input: Value, _ entries: [Value]) {
        guard let id = input["command_id"]?.text, let number = input["attempt"]?.whole,
            let target = targets[id],
            let answer = input["body"].flatMap(Reply.Answer.init(journal:))
        else { return }
        let attempt = Attempt(id: id, number: number)
        let isLate =
            timedOut.contains(attempt) || entries.contains { $0["kind"] == "late_reply" }
        guard let place = slots[target]?.firstIndex(where: { $0.attempt == attempt }) else {
            return
        }
        switch slots[target]?[place].reaction {
        case nil: slots[target]?[place].reaction = isLate ? .late(answer) : .answer(answer)
        case .answer(answer)?: slots[target]?[place].reaction = .duplicate(answer)
        // The attempt was sent again after its error; a scenario has what came of that as another's.
        case .answer(.error(_, _, true))? where answer.isFinal:
            self.answer(target, answer)
        case .answer?, .late?, .duplicate?, .timeout?: break
        }
    }

    private mutating func report(_ input: Value) {
        guard let path = input["step"]?.text, let outcome = input["outcome"]?.text else { return }
        answer(Target(path), .outcome(outcome, input["body"] ?? .map(Members())))
    }

    /// An event that a participant appended, and that was its step's outcome, is its answer.
    private mutating func appended(_ entries: [Value]) {
        for entry in entries where entry["kind"] == "event_taken" {
            guard let path = entry["step"]?.text,
                let told = entries.first(where: {
                    $0["step"]?.text == path && $0["outcome"]?.text != nil
                        && $0["kind"] != "event_taken"
                }), let outcome = told["outcome"]?.text
            else { continue }
            answer(Target(path), .outcome(outcome, told["result"] ?? .map(Members())))
        }
    }

    /// Fills the first open slot; an answer for which there is none, such as a question's second, has
    /// one of its own.
    private mutating func answer(_ target: Target, _ answer: Reply.Answer) {
        if let place = slots[target]?.lastIndex(where: { $0.reaction == nil }) {
            slots[target]?[place].reaction = .answer(answer)
        } else {
            slots[target, default: []].append(Slot(attempt: nil, reaction: .answer(answer)))
        }
    }

    // MARK: What was recorded

    private mutating func note(_ entry: Value) {
        let path = entry["step"]?.text ?? ""
        switch entry["kind"]?.text {
        case "command_opened": opened(entry, path)
        case "attempt_sent": sent(entry)
        case "attempt_failed":
            guard let id = entry["command_id"]?.text, let number = entry["attempt"]?.whole else {
                return
            }
            timedOut.insert(Attempt(id: id, number: number))
        case "wait_opened":
            // A timer has no name that a scenario could say.
            guard entry["wait"] != "timer" else { return }
            lastEntered = path
            slots[Target(path), default: []].append(Slot())
        case "step_stuck": stuck[path] = .command
        case "compensation_stuck": stuck[path] = .compensation
        case "step_compensated": compensated.append(path)
        case "event_raised":
            guard let type = entry["type"]?.text else { return }
            events.append(String(type.drop { $0 != "." }.dropFirst()))
        default: break
        }
    }

    private mutating func opened(_ entry: Value, _ path: NodePath) {
        guard let id = entry["command_id"]?.text,
            let kind = entry["command"]?.text.flatMap(CommandKind.init(rawValue:))
        else { return }
        if kind == .command { lastEntered = path }
        targets[id] = Target(path, kind)
        subjects[id] = entry["subject"]?.text
        count(id)
        slots[Target(path, kind), default: []]
            .append(Slot(attempt: Attempt(id: id, number: entry["attempt"]?.whole ?? 1)))
    }

    private mutating func sent(_ entry: Value) {
        guard let id = entry["command_id"]?.text, let number = entry["attempt"]?.whole,
            let target = targets[id]
        else { return }
        count(id)
        slots[target, default: []].append(Slot(attempt: Attempt(id: id, number: number)))
    }

    private mutating func count(_ id: String) {
        if let subject = subjects[id] { counts[subject, default: 0] += 1 }
    }
}

extension Reply.Answer {
    /// Whether nothing else is answered later.
    fileprivate var isFinal: Bool {
        switch self {
        case .outcome: true
        case .error(_, _, let isRetriable): !isRetriable
        }
    }

    /// The answer as a journal has it.
    fileprivate init?(journal body: Value) {
        if let outcome = body["outcome"]?.text {
            self = .outcome(outcome, body["data"] ?? .map(Members()))
        } else if let error = body["error"], let code = error["code"]?.text {
            self = .error(
                code: code, message: error["message"]?.text ?? "",
                isRetriable: error["retriable"]?.truth ?? false)
        } else {
            return nil
        }
    }
}
