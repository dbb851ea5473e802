import LoadClient
import SagaCore
import SagaTool

/// Runs the cases of a sweep against one daemon.
struct SweepRun: Sendable {
    /// The definition's name.
    let saga: String
    /// The input of every saga; `{n}` in its texts stands for the case's number.
    let input: Value
    let server: Server
    /// The daemon where it is ours: it is started again after its process ended.
    let daemon: LoadClient.Daemon?
    let books: SweepBooks
    /// The longest time for one case.
    let atMost: Duration
    /// What no other sweep has in its names.
    let run = String(UInt32.random(in: .min ... .max), radix: 36)

    /// How many sagas are under way at once.
    private static let width = 16
    private static let look: Duration = .milliseconds(100)

    /// Runs every case; those that end the daemon come last, one after the other.
    func perform(_ cases: [SweepCase]) async throws -> [SweepResult] {
        let numbered = Array(cases.enumerated())
        var results: [Int: SweepResult] = [:]
        for (number, one) in numbered where one.skipped != nil {
            results[number] = SweepResult(swept: one)
        }
        let calm = numbered.filter { $0.element.skipped == nil && !$0.element.endsDaemon }
        try await withThrowingTaskGroup(of: (Int, SweepResult).self) { group in
            var waiting = calm[...]
            for _ in 0..<Self.width {
                guard let (number, one) = waiting.popFirst() else { break }
                group.addTask { (number, try await result(of: one, number)) }
            }
            while let (number, result) = try await group.next() {
                results[number] = result
                if let (number, one) = waiting.popFirst() {
                    group.addTask { (number, try await self.result(of: one, number)) }
                }
            }
        }
        for (number, one) in numbered where one.skipped == nil && one.endsDaemon {
            results[number] = try await result(of: one, number)
        }
        return numbered.compactMap { results[$0.offset] }
    }

    /// Runs one saga without any failure; answers what is wrong with it.
    ///
    /// - Parameter cases: how many cases there are: the trial is one more.
    func trial(before cases: Int) async throws -> SweepResult {
        let plain = SweepCase(step: "", kind: .command, fault: "none", rules: [])
        return try await result(of: plain, cases)
    }

    private func result(of one: SweepCase, _ number: Int) async throws -> SweepResult {
        let names = one.rules.indices.map { "sweep-\(run)-\(number)-\($0)" }
        for (name, rule) in zip(names, one.rules) { try await set(rule, name) }
        var result = SweepResult(swept: one)
        let deadline = ContinuousClock.now + atMost
        do {
            let id = try await start(number, names, until: deadline)
            result.sagaID = id
            let verdict = try await verdict(on: id, until: deadline)
            let (words, problems) = await books.check(verdict)
            result.end = verdict.end
            result.compensationMilliseconds = verdict.compensationMilliseconds
            result.books = words
            let hasStruck = try await hasStruck(names.first, until: deadline)
            result.problems = verdict.problems(hasStruck: hasStruck) + problems
        } catch let problem as ServerProblem {
            result.end = "unknown"
            result.problems = [problem.message]
        }
        for name in names { try await remove(name) }
        return result
    }

    private func set(_ rule: Value, _ name: String) async throws {
        guard case .map(var members) = rule else { return }
        members["name"] = .string(name)
        members["for"] = .string("\(atMost.components.seconds + 60)s")
        members["by"] = "sagactl sweep"
        let document = Value.map(members)
        try await again(until: .now + atMost) { _ = try await server.post("/api/faults", document) }
    }

    /// Whether a rule has struck; a saga whose start was struck before it was stored has another id by
    /// now, so that the rule is asked and not the saga's journal.
    private func hasStruck(
        _ name: String?, until deadline: ContinuousClock.Instant
    ) async throws -> Bool {
        guard let name else { return true }
        let rules = try await again(until: deadline) { try await server.get("/api/faults") }
        let rule = rules["items"]?.elements?.first { $0["name"]?.text == name }
        return (rule?["struck"]?.whole ?? 0) > 0
    }

    private func remove(_ name: String) async throws {
        try await again(until: .now + atMost) {
            do {
                try await server.delete("/api/faults/\(name)")
            } catch ServerProblem.refused(status: 404, _) {}
        }
    }

    /// Starts the case's saga; the same start is asked for again where its answer was lost.
    private func start(
        _ number: Int, _ names: [String], until deadline: ContinuousClock.Instant
    ) async throws -> String {
        var headers = [("Idempotency-Key", "sweep-\(run)-\(number)")]
        if !names.isEmpty { headers.append(("Saga-Fault", names.joined(separator: ","))) }
        let body = input.replacing("{n}", with: "\(run)-\(number)")
        let (document, _) = try await again(until: deadline) {
            try await server.start(saga, body, headers: headers)
        }
        guard let id = document["id"]?.text else {
            throw ServerProblem.unreadable("the answer to a start names no saga")
        }
        return id
    }

    /// The saga once nothing more is to come, or as it is when the time is over.
    private func verdict(
        on id: String, until deadline: ContinuousClock.Instant
    ) async throws -> SweepVerdict {
        while true {
            let saga = try await again(until: deadline) { try await server.get("/api/sagas/\(id)") }
            let isOver = saga["ended_at"]?.text != nil && saga["open"] == []
            if isOver || saga["status"] == "stuck" || ContinuousClock.now > deadline {
                let journal = try await again(until: deadline) {
                    try await server.all("/api/sagas/\(id)/journal")
                }
                return SweepVerdict(saga: saga, journal: journal)
            }
            try await Task.sleep(for: Self.look)
        }
    }

    /// Asks again while the daemon is away; one of ours that has ended is started again.
    private func again<Answer>(
        until deadline: ContinuousClock.Instant, _ body: () async throws -> Answer
    ) async throws -> Answer {
        while true {
            do {
                return try await body()
            } catch let problem as ServerProblem where problem.mayPass {
                if ContinuousClock.now > deadline { throw problem }
            }
            if let daemon, await daemon.pid == nil { try await daemon.startReady() }
            try await Task.sleep(for: Self.look)
        }
    }
}
