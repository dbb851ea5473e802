import SagaCheck
import SagaCore
import SagaTool

/// One saga that is started over HTTP with a scenario's input, and followed to its end.
struct PlayRun: Sendable {
    let script: Script
    let scripts: [Script]
    let server: Server
    let console: Console
    let patience: Duration

    /// The time from one look to the next.
    private static let look: Duration = .milliseconds(200)

    /// Starts, follows and compares; answers `fine` where everything is as the scenario expects.
    func perform() async throws -> ExitStatus {
        if !script.scenario.interventions.isEmpty {
            console.complain(
                "The scenario has operators act, which is for a person here: "
                    + "sagactl cancel, retry or settle.\n")
        }
        let (started, isNew) = try await server.start(
            script.definition.name, script.scenario.input)
        guard let id = started["id"]?.text else {
            throw ServerProblem.unreadable("the answer to a start names no saga")
        }
        console.write(SagaText.line(started))
        guard isNew else {
            throw ServerProblem.notFound(
                "this saga was there already, so that it does not show what the scenario does: "
                    + "start over with an empty state directory, or change the scenario's input")
        }
        var troupe = Troupe(run: self, lead: id)
        let deadline = ContinuousClock.now + patience
        while true {
            let document: Value
            do {
                document = try await troupe.look()
            } catch let problem as ServerProblem where problem.mayPass {
                if ContinuousClock.now > deadline { throw problem }
                try await Task.sleep(for: Self.look)
                continue
            }
            if document["ended_at"]?.text != nil || isStuckAsExpected(document) {
                return try await compare(document, path: "/api/sagas/\(id)")
            }
            if ContinuousClock.now > deadline { return overdue(document) }
            try await Task.sleep(for: Self.look)
        }
    }

    /// Whether nothing moves without an operator, and that is how the scenario ends.
    private func isStuckAsExpected(_ document: Value) -> Bool {
        script.scenario.expected.status == .stuck && document["status"] == "stuck"
            && document["open"] == []
    }

    private func overdue(_ document: Value) -> ExitStatus {
        console.complain(
            "It did not end within \(patience.components.seconds) s: wait longer with --patience; "
                + "what waits for hours or days is for `sagactl test`, in virtual time.\n"
                + SagaText(document).text)
        return .findings
    }

    // MARK: Comparing

    private func compare(_ document: Value, path: String) async throws -> ExitStatus {
        var differences = ""
        func differ(_ subject: String, _ expected: String, _ found: String) {
            differences += "\(subject)\n  expected: \(expected)\n  found:    \(found)\n"
        }
        let status = document["status"]?.text ?? "?"
        if let expected = script.scenario.expected.status, expected.rawValue != status {
            differ("status", expected.rawValue, status)
        }
        let events = try await server.all("\(path)/events").filter { event in
            let owner = event["saga_id"]?.text
            return owner == nil || owner == document["id"]?.text
        }
        let names = events.compactMap {
            $0["type"]?.text?.split(separator: ".").last.map(String.init)
        }
        if let expected = script.scenario.expected.events, expected != names {
            // Branches and elements run at the same time: which comes first is not the story's.
            if script.definition.runsSideBySide, expected.sorted() == names.sorted() {
                console.complain("The events came in another order: \(names.listed)\n")
            } else {
                differ("events", expected.listed, names.listed)
            }
        }
        console.write("= \(status)\n")
        if differences.isEmpty {
            console.write("✓ \(script.scenario.name): as expected\n")
            return .fine
        }
        console.write("✗ \(script.scenario.name)\n\(differences)")
        return .findings
    }
}

/// The saga that was started with the children that it has started, as they are followed.
private struct Troupe {
    let run: PlayRun
    /// The sagas that are followed, the one that was started first.
    var members: [Member]
    var people: People
    var told: Set<String> = []

    struct Member {
        var id: String
        var script: Script
        var version: Int64 = 0
        var journal = JournalText()
        var hasEnded = false
    }

    /// Timers that are longer are said to be long.
    private static let longWait: Duration = .seconds(60)

    init(run: PlayRun, lead: String) {
        self.run = run
        people = People(run.server)
        members = [Member(id: lead, script: run.script)]
    }

    /// Tells what has happened and answers what is asked; answers the leading saga as it is.
    mutating func look() async throws -> Value {
        var lead = Value.null
        var place = 0
        while place < members.count {
            if place == 0 {
                lead = try await look(at: place)
            } else if !members[place].hasEnded {
                // A child may not have begun when its parent's journal has it.
                do {
                    _ = try await look(at: place)
                } catch ServerProblem.refused(status: 404, _) {}
            }
            place += 1
        }
        return lead
    }

    private mutating func look(at place: Int) async throws -> Value {
        let path = "/api/sagas/\(members[place].id)"
        // Before its journal, which then tells all that led to it: the end, too.
        let document = try await run.server.get(path)
        let rows = try await run.server.all("\(path)/journal", after: members[place].version)
        for row in rows {
            let lines = members[place].journal.lines(of: row)
            run.console.write(
                place == 0 ? lines : "  [\(members[place].script.definition.name)]\n" + lines)
            members[place].version = row["version"]?.whole ?? members[place].version
            for entry in row["entries"]?.elements ?? [] { admit(entry) }
        }
        members[place].hasEnded = document["ended_at"]?.text != nil
        for wait in document["waits"]?.elements ?? [] {
            try await answer(wait, path: path, members[place].script)
        }
        return document
    }

    /// Takes a child that was started into the troupe, where its story is known.
    private mutating func admit(_ entry: Value) {
        guard entry["kind"]?.text == "command_opened", let id = entry["child_id"]?.text,
            !members.contains(where: { $0.id == id }),
            let script = run.scripts.first(where: {
                $0.definition.name == entry["saga"]?.text
            })
        else { return }
        members.append(Member(id: id, script: script))
    }

    /// Answers a question or reports an event as the story says.
    private mutating func answer(_ wait: Value, path: String, _ script: Script) async throws {
        guard let step = wait["step"]?.text else { return }
        guard wait["kind"]?.text != "wait" else { return tellOfTimer(wait, step, path) }
        if let words = try await people.answer(wait, of: path, script) {
            run.console.write("▸ \(words)\n")
        }
    }

    private mutating func tellOfTimer(_ wait: Value, _ step: String, _ path: String) {
        guard told.insert("\(path) \(step)").inserted, let due = wait["due_at"]?.text,
            let until = Instant(due), let since = wait["since"]?.text.flatMap({ Instant($0) }),
            until - since > Self.longWait
        else { return }
        run.console.complain(
            "\(step) waits until \(TimeText.dateAndTime(due)), in real time: `sagactl test` runs "
                + "this scenario in virtual time.\n")
    }
}

extension SagaDefinition {
    /// Whether anything of it happens at the same time as something else.
    fileprivate var runsSideBySide: Bool {
        nodes.contains { node in
            switch node.body {
            case .parallel, .each: true
            case .step, .wait: false
            }
        }
    }
}

extension [String] {
    /// The texts with commas between them.
    fileprivate var listed: String { isEmpty ? "none" : joined(separator: ", ") }
}
