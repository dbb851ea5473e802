import LoadClient
import SagaCore
import SagaTool

/// Runs the cases of a sweep against one daemon.
struct SweepRun: Sendable {
    /// The definition with its story, and those of the sagas that it starts.
    let scripts: [Script]
    /// The input of every saga; `{n}` in its texts stands for the case's number.
    let input: Value
    let server: Server
    /// The daemon where it is ours.
    let daemon: LoadClient.Daemon?
    let books: SweepBooks
    /// The longest time for one case.
    let atMost: Duration
    /// What no other sweep has in its names.
    let run = String(Int.random(in: 46_656..<1_679_616), radix: 36)
    /// Whether the daemon may end now, and is started again.
    private var mayEnd = false

    /// How many sagas are under way at once.
    private static let width = 16
    private static let look: Duration = .milliseconds(100)
    /// How long a daemon that is not ours may be away.
    private static let absence: Duration = .seconds(15)
    /// How long a strike may take to be seen after the saga's end.
    private static let strikePatience: Duration = .seconds(5)

    init(
        scripts: [Script], input: Value, server: Server, daemon: LoadClient.Daemon?,
        books: SweepBooks, atMost: Duration
    ) {
        self.scripts = scripts
        self.input = input
        self.server = server
        self.daemon = daemon
        self.books = books
        self.atMost = atMost
    }

    private var definition: SagaDefinition { scripts[0].definition }

    /// Runs every case: those that strike nobody else side by side, then those that cut the broker off
    /// for everybody, and last, one after the other, those that end the daemon.
    func perform(_ cases: [SweepCase]) async throws -> [SweepResult] {
        let numbered = Array(cases.enumerated())
        var results: [Int: SweepResult] = [:]
        for (number, one) in numbered where one.skipped != nil {
            results[number] = SweepResult(swept: one)
        }
        var (calm, cutting, ending) = ([(Int, SweepCase)](), [(Int, SweepCase)](), self)
        for (number, one) in numbered where one.skipped == nil && !one.endsDaemon {
            one.fault == "bus disconnect"
                ? cutting.append((number, one)) : calm.append((number, one))
        }
        for side in [calm, cutting] {
            for (number, result) in try await beside(side) { results[number] = result }
        }
        ending.mayEnd = true
        for (number, one) in numbered where one.skipped == nil && one.endsDaemon {
            results[number] = try await ending.result(of: one, number)
        }
        return numbered.compactMap { results[$0.offset] }
    }

    /// Runs cases side by side, at most ``width`` at once.
    private func beside(_ cases: [(Int, SweepCase)]) async throws -> [(Int, SweepResult)] {
        try await withThrowingTaskGroup(of: (Int, SweepResult).self) { group in
            var (waiting, results) = (cases[...], [(Int, SweepResult)]())
            for _ in 0..<Self.width {
                guard let (number, one) = waiting.popFirst() else { break }
                group.addTask { (number, try await result(of: one, number)) }
            }
            while let result = try await group.next() {
                results.append(result)
                if let (number, one) = waiting.popFirst() {
                    group.addTask { (number, try await self.result(of: one, number)) }
                }
            }
            return results
        }
    }

    /// Runs one saga without any failure.
    func trial() async throws -> SweepResult {
        let plain = SweepCase(step: "", kind: .command, fault: "none", rules: [])
        return try await result(of: plain, nil)
    }

    private func result(of one: SweepCase, _ number: Int?) async throws -> SweepResult {
        let text = number.map(String.init) ?? "t"
        let names = one.rules.indices.map { "sweep-\(run)-\(text)-\($0)" }
        for (name, rule) in zip(names, one.rules) { try await set(rule, name) }
        var result = SweepResult(swept: one)
        let (begin, process) = (ContinuousClock.now, await daemon?.pid)
        let deadline = begin + atMost
        do {
            let id = try await start(text, names, until: deadline)
            result.sagaID = id
            let verdict = try await verdict(on: id, in: one, until: deadline)
            try await judge(verdict, names.first, process, until: deadline, into: &result)
        } catch let wait as LongWait {
            result.swept.skipped = wait.message
            result.end = "running"
        } catch let problem as ServerProblem {
            if case .unreachable = problem, daemon == nil { throw problem }
            result.end = "unknown"
            result.problems = [problem.message]
        }
        for name in names { try await remove(name) }
        result.milliseconds = Int64((ContinuousClock.now - begin) / .milliseconds(1))
        return result
    }

    private func judge(
        _ verdict: SweepVerdict, _ rule: String?, _ process: Int32?,
        until deadline: ContinuousClock.Instant, into result: inout SweepResult
    ) async throws {
        let (words, problems) = await books.check(verdict, definition)
        result.end = verdict.end
        result.compensationMilliseconds = verdict.compensationMilliseconds
        result.books = words
        result.entered = Set(
            verdict.steps.filter(\.isEntered).map { NodeAddress($0.path).name })
        result.problems = verdict.problems(definition) + problems
        result.problems += verdict.omissions(of: result.swept)
        result.problems += try await childProblems(verdict, until: deadline)
        let limit = ContinuousClock.now + Self.strikePatience
        if try await !hasStruck(rule, until: limit) {
            result.problems.append("the fault did not strike")
        } else if result.swept.endsDaemon, await !hasEnded(process, until: limit) {
            result.problems.append("the daemon's process did not end of it")
        }
    }
}

// MARK: - Rules

extension SweepRun {
    private func set(_ rule: Value, _ name: String) async throws {
        guard case .map(var members) = rule else { return }
        members["name"] = .string(name)
        members["for"] = .string("\(atMost.components.seconds + 60)s")
        members["by"] = "sagactl sweep"
        let document = Value.map(members)
        try await again(until: .now + atMost) { _ = try await server.post("/api/faults", document) }
    }

    private func remove(_ name: String) async throws {
        try await again(until: .now + atMost) {
            do {
                try await server.delete("/api/faults/\(name)")
            } catch ServerProblem.refused(status: 404, _) {}
        }
    }

    /// Whether a rule has struck; a saga whose start was struck before it was stored has another id by
    /// now, so that the rule is asked and not the saga's journal.
    ///
    /// What strikes after the last commit may do so a moment after the saga's end.
    private func hasStruck(
        _ name: String?, until deadline: ContinuousClock.Instant
    ) async throws -> Bool {
        guard let name else { return true }
        while true {
            let rules = try await again(until: .now + atMost) {
                try await server.get("/api/faults")
            }
            let rule = rules["items"]?.elements?.first { $0["name"]?.text == name }
            if (rule?["struck"]?.whole ?? 0) > 0 { return true }
            if ContinuousClock.now > deadline { return false }
            try await Task.sleep(for: Self.look)
        }
    }

    /// Whether the daemon's process is another than that one.
    private func hasEnded(
        _ process: Int32?, until deadline: ContinuousClock.Instant
    ) async -> Bool {
        while await daemon?.pid == process {
            if ContinuousClock.now > deadline { return false }
            guard (try? await Task.sleep(for: Self.look)) != nil else { return false }
        }
        return true
    }
}

// MARK: - Sagas

extension SweepRun {
    /// Starts the case's saga; the same start is asked for again where its answer was lost.
    private func start(
        _ number: String, _ names: [String], until deadline: ContinuousClock.Instant
    ) async throws -> String {
        var headers = [("Idempotency-Key", "sweep-\(run)-\(number)")]
        if !names.isEmpty { headers.append(("Saga-Fault", names.joined(separator: ","))) }
        let body = input.replacing("{n}", with: "\(run)-\(number)")
        let (document, _) = try await again(until: deadline) {
            try await server.start(definition.name, body, headers: headers)
        }
        guard let id = document["id"]?.text else {
            throw ServerProblem.unreadable("the answer to a start names no saga")
        }
        return id
    }

    /// The saga once nothing more is to come, or as it is when the time is over.
    ///
    /// - Throws: ``LongWait`` where it waits for longer than there is time.
    private func verdict(
        on id: String, in one: SweepCase, until deadline: ContinuousClock.Instant
    ) async throws -> SweepVerdict {
        let path = "/api/sagas/\(id)"
        var extras = SweepExtras(server: server, script: scripts[0], swept: one)
        while true {
            let saga = try await again(until: deadline) { try await server.get(path) }
            let isOver = saga["ended_at"]?.text != nil && saga["open"] == []
            if isOver || saga["status"] == "stuck" || ContinuousClock.now > deadline {
                return SweepVerdict(saga: saga, journal: try await journal(path, until: deadline))
            }
            try await extras.act(on: saga, path, until: deadline)
            try await Task.sleep(for: Self.look)
        }
    }

    private func journal(
        _ path: String, until deadline: ContinuousClock.Instant
    ) async throws -> [Value] {
        try await again(until: max(deadline, .now + Self.strikePatience)) {
            try await server.all("\(path)/journal")
        }
    }

    /// What is wrong with the sagas that a saga has started, and those that they have started.
    private func childProblems(
        _ parent: SweepVerdict, until deadline: ContinuousClock.Instant
    ) async throws -> [String] {
        var problems: [String] = []
        for id in parent.children {
            let path = "/api/sagas/\(id)"
            let saga = try await again(until: deadline) { try await server.get(path) }
            let verdict = SweepVerdict(
                saga: saga, journal: try await journal(path, until: deadline))
            let name = saga["saga"]?.text ?? "?"
            guard let script = scripts.first(where: { $0.definition.name == name }) else {
                continue
            }
            let (_, wrong) = await books.check(verdict, script.definition)
            var found = verdict.problems(script.definition) + wrong
            if parent.end == "compensated", verdict.end == "completed" {
                found.append("it is completed, and its parent is compensated")
            }
            problems += found.map { "\(name) \(id): \($0)" }
            problems += try await childProblems(verdict, until: deadline)
        }
        return problems
    }

    /// Asks again while the daemon is away; one of ours that is to end is started again.
    ///
    /// - Throws: the last problem when the time is over; ``LaunchFailure`` where a daemon of ours has
    ///   ended that was not to.
    private func again<Answer>(
        until deadline: ContinuousClock.Instant, _ body: () async throws -> Answer
    ) async throws -> Answer {
        let limit = daemon == nil ? min(deadline, .now + Self.absence) : deadline
        while true {
            do {
                return try await body()
            } catch let problem as ServerProblem where problem.mayPass {
                if ContinuousClock.now > limit { throw problem }
            }
            if let daemon, await daemon.pid == nil {
                if !mayEnd { try await daemon.checkRunning() }
                try await daemon.startReady()
            }
            try await Task.sleep(for: Self.look)
        }
    }
}
