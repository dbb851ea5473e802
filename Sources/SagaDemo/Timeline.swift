import Glibc
import LoadClient
import SagaCore

/// A saga's journal as a person reads it at a glance: when, what, and the domain event it raised.
struct Timeline {
    let terminal: Terminal
    let journal: [Value]
    /// When the daemon was killed, if it was.
    let killedAt: Instant?

    /// The width of the column of words.
    private static let words = 50

    /// Prints it.
    func show() {
        guard let start = journal.first.flatMap(Self.time) else { return }
        var pending = killedAt
        for row in journal {
            let time = Self.time(of: row) ?? start
            if let killed = pending, killed < time {
                line(
                    killed - start,
                    terminal.styled("✗ the daemon is killed", .red))
                line(time - start, terminal.styled("· it is back and takes its sagas over", .faint))
                pending = nil
            }
            show(row, after: time - start)
        }
    }

    /// When a row was decided.
    static func time(of row: Value) -> Instant? { row["at"]?.text.flatMap(Instant.init) }

    /// One line of a row: the words, how they look, and the domain event beside them.
    private struct Line {
        var words: String
        var style: Terminal.Style?
        var takesEvent: Bool
        var event = ""
    }

    /// An event stands beside what raised it: the end's event comes before the end's entry.
    private func show(_ row: Value, after offset: Duration) {
        var lines: [Line] = []
        var waiting = ""
        for entry in row["entries"]?.elements ?? [] {
            if let type = entry["type"]?.text {
                if let last = lines.indices.last, lines[last].takesEvent, lines[last].event.isEmpty
                {
                    lines[last].event = type
                } else {
                    waiting = type
                }
            } else if let (words, style) = words(for: entry) {
                let takesEvent = entry["kind"]?.text != "turned"
                lines.append(
                    Line(words: words, style: style, takesEvent: takesEvent, event: waiting))
                waiting = ""
            }
        }
        for shown in lines {
            let padded = shown.event.isEmpty ? shown.words : shown.words.padded(Self.words)
            let styled = shown.style.map { terminal.styled(padded, $0) } ?? padded
            line(offset, styled + terminal.styled(shown.event, .faint))
        }
    }

    private func line(_ offset: Duration, _ text: String) {
        let milliseconds = String(offset.microseconds / 1000).indented(6)
        terminal.line("  \(terminal.styled("\(milliseconds) ms", .faint))  \(text)")
    }

    /// An entry in words; nil for what only matters to the machine.
    private func words(for entry: Value) -> (String, Terminal.Style?)? {
        let step = entry["step"]?.text ?? ""
        switch entry["kind"]?.text {
        case "started": return ("order accepted", nil)
        case "command_opened", "attempt_sent", "resent": return sent(entry)
        case "step_completed":
            return ("← \(step): \(entry["outcome"]?.text ?? "done")", .green)
        case "step_rejected":
            return ("← \(step): \(entry["outcome"]?.text ?? "no")", .yellow)
        case "turned":
            return ("↺ turns round: \(entry["failure"]?["reason"]?.text ?? "")", .yellow)
        case "step_compensated": return ("← \(step): taken back", .green)
        case "attempt_failed":
            return ("! \(step): \(entry["reason"]?.text ?? "failed")", .yellow)
        case "compensation_stuck", "step_stuck":
            return ("! \(step) is stuck: \(entry["reason"]?.text ?? "")", .red)
        case "ended": return ("■ \(entry["status"]?.text ?? "ended")", .bold)
        default: return nil
        }
    }

    private func sent(_ entry: Value) -> (String, Terminal.Style?) {
        guard let subject = entry["subject"]?.text else { return ("→ sent again", .faint) }
        let takesBack = entry["command"]?.text == "compensation"
        return (
            "→ \(subject)\(takesBack ? ", to take \(entry["step"]?.text ?? "it") back" : "")", nil
        )
    }
}

extension Instant {
    /// The machine's time.
    static var machine: Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}
