package import LoadClient

/// What was seen in a trial.
package struct SurvivalReport: Sendable {
    /// What was done.
    package var trial: Trial
    /// All that was left.
    package var evidence: Evidence
    /// How long it took.
    package var times: Times
    /// Where databases and logs are, where they were kept.
    package var folder: String

    /// The most findings of one check, and the most errors of a log, that are printed.
    private static let printed = 10
    /// The most lines of strikes that are printed.
    private static let printedStrikes = 21

    /// What contradicts the checks; empty where all is as it must be.
    package var violations: [(check: Check, findings: [Finding])] {
        Check.allCases.map { ($0, $0.findings(in: evidence)) }.filter { !$0.1.isEmpty }
    }

    /// Whether all is as it must be.
    package var isSound: Bool { violations.isEmpty }

    /// How many sagas, over all strikes, had begun and not ended when it came.
    package var caught: Int { evidence.struck.reduce(0) { $0 + evidence.underWay(at: $1.at) } }

    /// How many events were stored and not published, over all strikes where that was counted.
    package var unpublished: Int { evidence.struck.reduce(0) { $0 + ($1.unpublished ?? 0) } }

    /// How many connections to the database were terminated in all.
    package var sessions: Int { evidence.struck.reduce(0) { $0 + $1.sessions } }

    /// The longest that an order stood still that was under way when one of two daemons was killed
    /// and stayed away.
    package var longestStill: Duration {
        let times = evidence.absences.flatMap { evidence.standing(at: $0.at).map(\.still) }
        return times.max() ?? .zero
    }

    /// The trial as a row of the table in docs/reliability.md.
    package var row: String {
        let result =
            isSound
            ? "nothing lost, nothing doubled" : "\(violations.count) checks fail"
        let notes = partFigures.map { "\($0.name): \($0.text)" }
        let cells = [
            trial.deed, trial.store.title, "\(evidence.posted.count)",
            ([result, "\(caught) under way"] + notes).joined(separator: "; "),
            "`make survival SURVIVAL=\"\(trial.options)\"`",
        ]
        return "| \(cells.joined(separator: " | ")) |"
    }

    /// How many kills came after something was stored and before it was published.
    package var gaps: Int { evidence.struck.count { ($0.unpublished ?? 0) > 0 } }

    /// The violations in words, one a line.
    package var complaint: String {
        violations.flatMap { check, findings in
            findings.prefix(Self.printed).map { "\(check.title): order \($0.order): \($0.what)" }
        }.joined(separator: "\n")
    }

    /// Prints figures, strikes, checks and, where there are any, violations.
    package func print(on terminal: Terminal) {
        terminal.line()
        terminal.line(terminal.styled(trial.title, .bold))
        for line in figures.lines.dropFirst() { terminal.line("  \(line)") }
        terminal.line()
        let lines = strikes.lines
        for line in lines.prefix(Self.printedStrikes) { terminal.line("  \(line)") }
        if lines.count > Self.printedStrikes {
            terminal.line("  and \(lines.count - Self.printedStrikes) more")
        }
        terminal.line()
        for check in Check.allCases { terminal.line(line(for: check, on: terminal)) }
        show(evidence.errors.map { "log: \($0)" }, on: terminal)
        terminal.line("  \(row)")
        guard !isSound else { return }
        terminal.line()
        for (check, findings) in violations {
            terminal.line(terminal.styled("✗ \(check.title)", .red))
            show(findings.map { "order \($0.order): \($0.what)" }, on: terminal)
        }
        show(evidence.journals, on: terminal)
        terminal.line("  databases and logs: \(folder)")
    }

    private func show(_ lines: [String], on terminal: Terminal) {
        for line in lines.prefix(Self.printed) { terminal.line("    \(line)") }
        if lines.count > Self.printed {
            terminal.line("    and \(lines.count - Self.printed) more")
        }
    }

    private func line(for check: Check, on terminal: Terminal) -> String {
        let count = check.findings(in: evidence).count
        return count == 0
            ? terminal.styled("  ✓ \(check.title)", .green)
            : terminal.styled("  ✗ \(check.title): \(count) violations", .red)
    }

    // MARK: Figures

    private var figures: Table {
        var table = Table(["", ""], [.left, .left])
        let again = evidence.posted.count { $0.sendings > 1 }
        let load = Figures.text(times.load.inSeconds)
        table.add(
            ["orders", "\(evidence.posted.count) answered in \(load) s, \(again) after resending"])
        table.add(["ends", ends])
        let settling = Figures.text(times.settling.inSeconds)
        table.add(["settled", "\(settling) s after the last answer and the last strike"])
        table.add(["ledger", ledger])
        table.add(
            [
                "events",
                "\(evidence.stored.events.count) stored, \(evidence.published.count) on the stream",
            ])
        let left = evidence.left.map { "\($0.stream) \($0.count)" }.joined(separator: ", ")
        table.add(["left over", left])
        for figure in partFigures { table.add([figure.name, figure.text]) }
        table.add(["errors", "\(evidence.errors.count) lines in the daemon's log"])
        return table
    }

    /// What only some parts have.
    private var partFigures: [(name: String, text: String)] {
        switch trial.part {
        case .gaps:
            let kills = "\(gaps) of \(evidence.struck.count) kills"
            return [("unpublished", "after \(kills), \(unpublished) events in all")]
        case .fills:
            return [
                ("disk", evidence.disk?.rawValue ?? "never made"),
                ("unpublished", "\(unpublished) events while it was full"),
            ]
        case .disconnects: return [("terminated", "\(sessions) connections")]
        case .cuts: return [("on the wire", cuts)]
        case .pairs:
            let still = Figures.text(longestStill.inSeconds)
            return [("stood still", "\(still) s at most, where one stayed away")]
        case .kills, .restarts, .deletions, .wipes, .stops: return []
        }
    }

    private var cuts: String {
        let counts = Dictionary(grouping: evidence.cuts) { "\($0)" }.mapValues(\.count)
        return counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
            .joined(separator: ", ")
    }

    private var ends: String {
        let tales = evidence.eventsByOrder.values.map { $0.map(\.type) }
        func count(_ tale: Tale) -> Int { tales.count { $0 == tale.types } }
        return "\(count(.approved)) approved, \(count(.declined)) declined, "
            + "\(count(.rejected)) rejected and voided, \(count(.givenUp)) given up"
    }

    private var ledger: String {
        func sum(_ kind: String) -> Int64 {
            evidence.ledger.reduce(0) { $0 + ($1.kind == kind ? $1.cents : 0) }
        }
        let kept = Money.text(sum("debit") - sum("void"))
        return
            "debited \(Money.text(sum("debit"))), voided \(Money.text(sum("void"))), kept \(kept)"
    }

    private var strikes: Table {
        var table = Table(["struck", "after answers", "under way"], [.left, .right, .right])
        for struck in evidence.struck {
            table.add(
                [
                    struck.strike.title, "\(struck.answers)",
                    "\(evidence.underWay(at: struck.at))",
                ])
        }
        return table
    }
}
