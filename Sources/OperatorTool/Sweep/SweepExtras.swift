import SagaCore

/// A saga waits for a time that is beyond the sweep's patience.
struct LongWait: Error {
    /// Where, until when.
    var message: String
}

/// Those who act on one saga of a sweep beside its participants: the people of its story, and the
/// operator who cancels it where the case has it.
struct SweepExtras {
    private let server: Server
    private let script: Script
    private let swept: SweepCase
    private var people: People
    private var hasCancelled = false

    init(server: Server, script: Script, swept: SweepCase) {
        self.server = server
        self.script = script
        self.swept = swept
        people = People(server)
    }

    /// Does what is to be done about the saga as it is now; what the daemon does not take now is done
    /// at the next look.
    ///
    /// - Throws: ``LongWait``, once such a saga is cancelled.
    mutating func act(
        on saga: Value, _ path: String, until deadline: ContinuousClock.Instant
    ) async throws {
        let waits = saga["waits"]?.elements ?? []
        if let wait = longWait(among: waits, until: deadline) {
            await cancel(path, because: "a sweep cannot wait so long")
            throw wait
        }
        if swept.isCancelled, !hasCancelled {
            let open = (saga["open"]?.elements ?? []) + waits
            let isUnderWay = open.contains { isSwept($0["step"]?.text) }
            if isUnderWay { hasCancelled = await cancel(path, because: "swept") }
            if isUnderWay { return }
        }
        for wait in waits where !(swept.isCancelled && isSwept(wait["step"]?.text)) {
            do {
                _ = try await people.answer(wait, of: path, script)
            } catch let problem as ServerProblem where problem.mayPass {
                return
            } catch ServerProblem.refused {
                // The question was closed meanwhile, or has this answer already.
                people.passOver(wait, of: path)
            }
        }
    }

    private func isSwept(_ path: String?) -> Bool {
        path.map { NodeAddress($0).name == swept.step } ?? false
    }

    private func longWait(
        among waits: [Value], until deadline: ContinuousClock.Instant
    ) -> LongWait? {
        for wait in waits where wait["kind"] == "wait" {
            guard let text = wait["due_at"]?.text, let due = Instant(text),
                let since = wait["since"]?.text.flatMap({ Instant($0) }),
                due - since > deadline - .now
            else { continue }
            return LongWait(
                message: "it waits at \(wait["step"]?.text ?? "?") until "
                    + "\(TimeText.dateAndTime(text)): `sagactl test` plays that in virtual time")
        }
        return nil
    }

    /// Cancels the saga; answers whether the daemon took that.
    @discardableResult
    private func cancel(_ path: String, because reason: String) async -> Bool {
        let body: Value = ["reason": .string(reason), "by": "sagactl sweep"]
        return (try? await server.post("\(path)/cancel", body)) != nil
    }
}
