import LoadClient
import Survival
import Testing

/// `make survival` in small: the first four of its parts.
@Suite(.serialized, .timeLimit(.minutes(5))) struct `Orders survive` {
    /// Lost commands come again soon, so that a trial is short.
    private static let settings = [(name: "coordinator-resend", value: "3s")]

    @Test(arguments: StoreKind.allCases)
    func `a daemon that is killed again and again`(store: StoreKind) async throws {
        var trial = Trial(store, .kills, orders: 300, seed: 20_261)
        trial.strikes = 3
        let report = try await run(trial)
        #expect(report.evidence.struck.count == 3)
        #expect(report.caught > 0, "no kill caught an order under way")
    }

    @Test(arguments: StoreKind.allCases)
    func `a daemon that is killed between storing and publishing`(store: StoreKind) async throws {
        var trial = Trial(store, .gaps, orders: 100, seed: 20_262)
        trial.strikes = 5
        let report = try await run(trial)
        #expect(report.evidence.struck.count == 5)
    }

    @Test(arguments: StoreKind.allCases)
    func `streams that are deleted while they are all on their way`(store: StoreKind) async throws {
        var trial = Trial(store, .deletions, orders: 150, seed: 20_263)
        trial.settings = [(name: "streams-check", value: "500ms")]
        let report = try await run(trial)
        #expect(report.evidence.struck.count == 5)
        #expect(report.caught > trial.orders, "fewer orders than all were under way")
    }

    private func run(_ trial: Trial) async throws -> SurvivalReport {
        var trial = trial
        trial.settings += Self.settings
        trial.awaitsLeftovers = false
        let report = try await trial.run(programs: Programs.findForTests())
        let evidence = report.evidence
        #expect(evidence.posted.count == trial.orders)
        #expect(evidence.stored.sagas.count == trial.orders)
        #expect(report.isSound, "\(report.complaint)\nlogs: \(report.folder)")
        return report
    }
}
