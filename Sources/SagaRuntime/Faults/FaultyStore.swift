import SagaCore
import Synchronization

/// A store whose starts and commits are struck as the rules say; everything else it passes on.
///
/// A strike is recorded in the store itself before it takes effect. One rule strikes one commit once:
/// the same transition, tried again, passes.
package final class FaultyStore: Sendable {
    let inner: any Store
    private let board: FaultBoard
    private let aim: FaultAim
    private let clock: any SagaClock
    private let crash: @Sendable () -> Void
    private let struck = Mutex<Set<Blow>>([])

    /// A commit that a rule struck.
    private struct Blow: Hashable {
        let saga: SagaID
        let version: Int64
        let rule: String
    }

    /// That store under those rules.
    ///
    /// - Parameter crash: ends the process at once.
    package init(
        _ inner: any Store, board: FaultBoard, clock: any SagaClock,
        crash: @escaping @Sendable () -> Void
    ) {
        self.inner = inner
        self.board = board
        self.clock = clock
        self.crash = crash
        aim = FaultAim(store: inner, board: board)
    }

    /// Starts sagas, each as the rules that strike it have it.
    package func start(_ batch: [SagaStart]) async throws -> [StartAnswer] {
        // A start has no version that it could conflict with.
        let entries = board.rules(at: .commit).filter { $0.rule?.fault != .store(.conflict) }
        if entries.isEmpty { return try await inner.start(batch) }
        var strikes: [FaultRule] = []
        for start in batch {
            let targets = await aim.targets(start)
            if let rule = await strike(targets, start.transition, entries) {
                strikes.append(rule)
            }
        }
        try await strikeBefore(strikes)
        let answers = try await inner.start(batch)
        try strikeAfter(strikes)
        return answers
    }

    /// Stores transitions, each as the rules that strike it have it.
    package func commit(_ batch: [Transition]) async throws -> [CommitAnswer] {
        let entries = board.rules(at: .commit)
        if entries.isEmpty { return try await inner.commit(batch) }
        var strikes: [FaultRule] = []
        var conflicting: Set<SagaID> = []
        for (transition, targets) in zip(batch, await aim.targets(batch)) {
            guard let rule = await strike(targets, transition, entries) else { continue }
            strikes.append(rule)
            if rule.fault == .store(.conflict) { conflicting.insert(transition.sagaID) }
        }
        try await strikeBefore(strikes)
        let passing = batch.filter { !conflicting.contains($0.sagaID) }
        var answers = try await passing.isEmpty ? [] : inner.commit(passing)[...]
        try strikeAfter(strikes)
        return batch.map { transition in
            conflicting.contains(transition.sagaID) ? .conflict : answers.removeFirst()
        }
    }

    /// The rule that strikes one commit, once the strike is recorded.
    private func strike(
        _ targets: [FaultTarget], _ transition: Transition, _ entries: [FaultBoard.Entry]
    ) async -> FaultRule? {
        for target in targets {
            let fresh = entries.filter { entry in
                let name = entry.stored.generation.name
                return !struck.withLock { $0.contains(blow(transition, name)) }
            }
            guard let rule = await board.strike(target, by: fresh) else { continue }
            struck.withLock { struck in
                if struck.count > FaultLimits.remembered { struck = [] }
                struck.insert(blow(transition, rule.name))
            }
            return rule
        }
        return nil
    }

    private func blow(_ transition: Transition, _ rule: String) -> Blow {
        Blow(saga: transition.sagaID, version: transition.expectedVersion, rule: rule)
    }

    private func strikeBefore(_ strikes: [FaultRule]) async throws {
        for rule in strikes {
            switch rule.fault {
            case .crash(.beforeCommit):
                crash()
                throw failure(rule, "the process ends before the commit")
            case .store(.slow(let wait)): try? await clock.sleep(until: clock.now() + wait)
            case .store(.lostConnection):
                throw failure(rule, "the connection was lost before the commit")
            case .crash, .store, .outcome, .error, .timeout, .loseReply, .lateReply, .duplicate,
                .delay, .reorder, .bus:
                continue
            }
        }
    }

    private func strikeAfter(_ strikes: [FaultRule]) throws {
        for rule in strikes {
            switch rule.fault {
            case .crash(.afterCommit): crash()
            case .store(.lostCommitAnswer):
                throw failure(rule, "the commit's answer was lost")
            case .crash, .store, .outcome, .error, .timeout, .loseReply, .lateReply, .duplicate,
                .delay, .reorder, .bus:
                continue
            }
        }
    }

    private func failure(_ rule: FaultRule, _ what: String) -> StoreError {
        StoreError(.unavailable, "the fault '\(rule.name)' has it that \(what)")
    }
}
