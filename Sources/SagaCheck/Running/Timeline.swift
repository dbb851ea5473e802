package import SagaCore

/// What happened in a run, line by line, for people.
package struct Timeline: Equatable, Sendable {
    /// What happened, in order.
    package private(set) var lines: [Line] = []
    /// Lines beyond these, if there are more, are left out of the middle.
    package static let shownLimit = 120

    /// One thing that happened.
    package struct Line: Equatable, Sendable {
        /// The time since the start; nil where the line belongs to the one before, or time does
        /// not count.
        package var after: Duration?
        /// What kind of thing happened.
        package var kind: Kind
        /// What happened.
        package var text: String
        /// What was expected instead; nil where the line is as it should be.
        package var remark: String?
    }

    /// A kind of thing that happens.
    package enum Kind: Hashable, Sendable {
        /// A daemon's command goes out; to which target.
        case sent(subject: String)
        /// A reply, the passing of time or an operator comes in.
        case came
        /// An event is raised.
        case raised(event: String)
        /// Something is recorded.
        case recorded
        /// The status changes.
        case status
    }

    /// Nothing has happened yet.
    package init() {}

    /// Adds what happened.
    package mutating func add(_ kind: Kind, _ text: String, after: Duration? = nil) {
        lines.append(Line(after: after, kind: kind, text: text))
    }

    /// Marks the line at that place, from 0; at the end, or beyond, a line of its own is added.
    package mutating func mark(_ place: Int?, _ remark: String) {
        if let place, lines.indices.contains(place), lines[place].remark == nil {
            lines[place].remark = remark
        } else {
            lines.append(Line(after: nil, kind: .recorded, text: "", remark: remark))
        }
    }

    /// The timeline for people; lines that differ begin with `>`.
    package var text: String {
        let omitted = lines.count > Self.shownLimit ? lines.count - Self.shownLimit : 0
        let head = omitted > 0 ? Self.shownLimit / 2 : lines.count
        var text = ""
        for (place, line) in lines.enumerated() {
            if omitted > 0, place == head { text += "            … \(omitted) lines more …\n" }
            if omitted > 0, place >= head, place < head + omitted, line.remark == nil { continue }
            text += shown(line)
        }
        return text
    }

    private func shown(_ line: Line) -> String {
        let time = line.after.map(Self.clock) ?? ""
        let gap = String(repeating: " ", count: max(0, 9 - time.count))
        let mark = line.remark == nil ? " " : ">"
        let arrow =
            switch line.kind {
            case .sent: "→ "
            case .came: "← "
            case .raised: "● "
            case .recorded: "  "
            case .status: "= "
            }
        let remark = line.remark.map { line.text.isEmpty ? $0 : "    <-- \($0)" } ?? ""
        return "\(mark)\(gap)\(time)  \(line.text.isEmpty ? "" : arrow)\(line.text)\(remark)\n"
    }

    /// A time since the start: `0s`, `1m30s`, `10.2s`.
    static func clock(_ duration: Duration) -> String {
        let total = duration.microseconds / 1000
        if total < 1000 { return "\(total)ms" }
        let (minutes, rest) = total.quotientAndRemainder(dividingBy: 60_000)
        let seconds = Duration.milliseconds(rest).secondsText
        if minutes == 0 { return seconds }
        let (hours, minute) = minutes.quotientAndRemainder(dividingBy: 60)
        if hours == 0 { return "\(minutes)m\(seconds)" }
        return "\(hours)h\(minute)m\(seconds)"
    }
}

// How what happens is worded; everything that depends on a kind of entry stands here.
extension Timeline {
    /// Adds what a decision records and does.
    package mutating func add(_ decision: Decision) {
        for entry in decision.entries {
            guard let (kind, words) = Self.words(for: entry) else { continue }
            add(kind, words)
        }
        for effect in decision.effects {
            switch effect {
            case .send(let sent):
                add(.sent(subject: sent.command.subject), Self.words(for: sent.command))
            case .order(let order): add(.sent(subject: ""), order.words)
            case .raise, .storeAppended, .tellParent: break
            }
        }
    }

    static func words(for command: OpenCommand) -> String {
        var words = "\(command.subject)  (\(Target(command.path, command.kind).written)"
        if command.kind != .probe { words += ", attempt \(command.attempt)" }
        return words + ")"
    }

    /// An entry in words; nil for what other lines say.
    private static func words(for entry: Entry) -> (Kind, String)? {
        switch entry {
        case .eventRaised(_, let type, let notes):
            let name = type.split(separator: ".").last.map(String.init) ?? type
            let missing = notes.isEmpty ? "" : "  (null where missing: \(notes.listed))"
            return (.raised(event: name), "event \(name)\(missing)")
        case .skipped(let path): return (.recorded, "\(path) is skipped")
        case .stepCompleted(let path, let outcome, _):
            return (.recorded, "\(path) is done: \(outcome)")
        case .stepRejected(let path, let outcome, _):
            return (.recorded, "\(path) is rejected: \(outcome)")
        case .stepFailed(let path, let code, let message):
            return (.recorded, "\(path) has failed: \(code) \(message)")
        case .stepGivenUp(let path, let reason):
            return (.recorded, "\(path) is given up and may have happened: \(reason)")
        case .probingBegan(let path, _): return (.recorded, "nobody knows of \(path); it is probed")
        case .stepStuck(let path, let reason):
            return (.recorded, "\(path) is stuck, an operator is needed: \(reason)")
        case .turned(let failure): return (.recorded, "the saga turns round: \(failure.reason)")
        case .failedFurther(let failure):
            return (.recorded, "a further failure: \(failure.reason)")
        case .stepCompensated(let path, _): return (.recorded, "\(path) is taken back")
        case .compensationStuck(let path, let reason):
            return (.recorded, "taking \(path) back is stuck, an operator is needed: \(reason)")
        case .lateReply(let path, _, let outcome, _, let asks):
            let after = asks ? "; it is taken back" : ""
            return (.recorded, "late news of \(path): \(outcome)\(after)")
        case .eventTaken(let path, _, let type):
            return (.recorded, "\(type) was appended for \(path)")
        case .eventKept(let kept, let type):
            return (.recorded, "\(type) was appended and waits for \(kept.step) to open")
        case .eventRepeated(let path, _, let outcome):
            return (.recorded, "\(path): \(outcome) was appended once more")
        case .finishNoted(let event, _): return (.recorded, "\(event) was appended")
        case .eventHeldBack(let type, _):
            return (.recorded, "\(type) is not raised: it was appended")
        case .entered(let path, let list):
            let elements = list.map { " with \($0.count) elements" } ?? ""
            return (.recorded, "\(path) is entered\(elements)")
        case .passed(let path): return (.recorded, "\(path) is done")
        case .waitOpened(let wait): return (.recorded, wait.words)
        case .waitClosed(let path, let reason): return (.recorded, "\(path) is closed: \(reason)")
        case .escalated(let path, let role):
            return (.recorded, "\(role) may decide \(path) as well")
        case .reminded(let path, _): return (.recorded, "people are reminded of \(path)")
        case .childCancelled(_, let path, _):
            return (.recorded, "the child saga of \(path) is cancelled")
        case .childStuck(let path, let reason):
            return (.recorded, "the child saga of \(path) is stuck: \(reason ?? "no more")")
        case .takenBack: return (.recorded, "the parent takes the saga back")
        case .statusChanged(let status): return (.status, status.rawValue)
        case .ended(let status, _): return (.status, status.rawValue)
        case .started, .startedByParent, .answered, .deadlineHeld, .commandOpened, .attemptSent,
            .resent, .attemptFailed,
            .retryScheduled, .graceSet, .probePending, .operatorActed, .settlementProposed,
            .lookBackSet:
            return nil
        }
    }
}

extension OpenWait {
    /// What is waited for, in words.
    fileprivate var words: String {
        switch kind {
        case .timer: "\(path) waits"
        case .event(let what): "\(path) awaits \(what)"
        case .question(let question): "\(path) asks: \(question.title)"
        }
    }
}

extension ChildOrder {
    /// The command as a scenario writes it.
    var target: Target {
        switch kind {
        case .start, .cancel: Target(path)
        case .takeBack: Target(path, .compensation)
        }
    }

    /// What is ordered, in words.
    fileprivate var words: String {
        switch kind {
        case .start: "saga \(definition) starts  (\(path))"
        case .cancel: "saga \(definition) is cancelled  (\(path))"
        case .takeBack: "saga \(definition) is taken back  (\(path))"
        }
    }
}
