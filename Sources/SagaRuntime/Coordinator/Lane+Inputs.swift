import CoreMetrics
import Logging
import SagaCore

/// How a lane decides inputs: on the state it wrote last where it has it, on the row otherwise, and
/// always on the row where the verdict is that nothing is to be written.
extension Lane {
    /// An input whose decision waits to be committed.
    private final class Decided: Sendable {
        let work: Work
        let decision: Decision
        let transition: Transition

        init(work: Work, decision: Decision, transition: Transition) {
            self.work = work
            self.decision = decision
            self.transition = transition
        }
    }

    /// A saga as an input is decided on it.
    private struct Standing {
        var state: SagaState
        var wakeAt: Instant?
        var isFromRow: Bool
    }

    /// What is known of an input's saga; nothing while the store does not answer.
    private enum Basis {
        case known(Standing)
        case unreadable(String)
        case absent
    }

    func decide(_ batch: [Work]) async {
        guard !batch.isEmpty else { return }
        var bases: [SagaID: Basis] = [:]
        bases.reserveCapacity(batch.count)
        var unknown: [SagaID] = []
        for work in batch {
            if let cached = plant.cached(for: work) {
                bases[work.sagaID] = .known(
                    Standing(state: cached.state, wakeAt: cached.wakeAt, isFromRow: false))
            } else {
                unknown.append(work.sagaID)
            }
        }
        await load(unknown, into: &bases)
        let unconsumed = await unconsumed(in: batch)
        var decided: [Decided] = []
        decided.reserveCapacity(batch.count)
        var doubtful = weigh(batch, bases, unconsumed, into: &decided)
        if !doubtful.isEmpty {
            await load(doubtful.map(\.sagaID), into: &bases)
            doubtful = weigh(doubtful, bases, unconsumed, into: &decided)
            precondition(doubtful.isEmpty, "A verdict on the row itself is final.")
        }
        for chunk in decided.chunked(limits: plant.limits, size: { $0.transition.size }) {
            await commit(chunk)
        }
    }

    /// Decides each work; those whose verdict writes nothing and rests on the cache are answered.
    private func weigh(
        _ batch: [Work], _ bases: [SagaID: Basis], _ unconsumed: Set<CommandID>,
        into decided: inout [Decided]
    ) -> [Work] {
        var doubtful: [Work] = []
        for work in batch {
            guard let basis = standing(of: work, bases) else { continue }
            guard let input = work.input(unconsumed: unconsumed) else {
                preconditionFailure("An order that asks for nothing is answered, not decided.")
            }
            let identity = basis.state.identity
            guard
                let entry = plant.catalog.entry(
                    name: identity.name, version: identity.definitionVersion)
            else {
                plant.settle(work, as: .unknownDefinition(identity))
                continue
            }
            let circumstances = plant.circumstances()
            let verdict = entry.decider.decide(
                input, in: basis.state, at: circumstances)
            switch verdict {
            case .record(let decision):
                decided.append(
                    Decided(
                        work: work, decision: decision,
                        transition: plant.transition(
                            decision, input: input, from: basis.state, storedWakeAt: basis.wakeAt,
                            appending: work.appended, at: circumstances.now)))
            case .ignore(let why):
                if basis.isFromRow {
                    plant.settle(work, as: .ignored(why, basis.state, basis.wakeAt))
                } else {
                    doubtful.append(work)
                }
            case .refuse(let refusal):
                if basis.isFromRow {
                    plant.settle(work, as: .refused(refusal))
                } else {
                    doubtful.append(work)
                }
            }
        }
        return doubtful
    }

    /// The saga that a work is decided on; without one the work is settled.
    private func standing(of work: Work, _ bases: [SagaID: Basis]) -> Standing? {
        switch bases[work.sagaID] {
        case .known(let standing): return standing
        case .absent: plant.settle(work, as: .unknownSaga)
        case .unreadable(let problem): plant.settle(work, as: .unreadable(problem))
        case nil: plant.settle(work, as: .storeAway)
        }
        return nil
    }

    /// Reads sagas from the store; waits while it is away, and knows nothing once the daemon stops.
    private func load(_ ids: [SagaID], into bases: inout [SagaID: Basis]) async {
        guard !ids.isEmpty else { return }
        for id in ids { bases[id] = nil }
        guard let records = await plant.untilStoreAnswers({ try await plant.store.load(ids) })
        else { return }
        for id in ids { bases[id] = .absent }
        for record in records {
            do {
                let state = try SagaState(record: record)
                bases[record.identity.id] = .known(
                    Standing(state: state, wakeAt: record.wakeAt, isFromRow: true))
                plant.keep(state, wakeAt: record.wakeAt, isWritten: false)
            } catch {
                bases[record.identity.id] = .unreadable("\(error)")
            }
        }
    }

    /// The commands whose resend is due but whose last message nobody has taken yet.
    private func unconsumed(in batch: [Work]) async -> Set<CommandID> {
        var waiting: [(CommandID, PublishReceipt)] = []
        let now = plant.clock.now()
        for work in batch {
            guard case .due = work.task, let cached = plant.cache[work.sagaID] else { continue }
            for command in cached.state.open where command.resendAt <= now {
                if let receipt = cached.receipts[command.id] {
                    waiting.append((command.id, receipt))
                }
            }
        }
        guard !waiting.isEmpty else { return [] }
        let answers = await plant.bus.areUnconsumed(waiting.map(\.1))
        return Set(zip(waiting, answers).filter(\.1).map(\.0.0))
    }

    private func commit(_ chunk: [Decided]) async {
        let began = plant.clock.now()
        let result = await plant.untilStoreAnswers {
            try await self.plant.store.commit(chunk.map(\.transition))
        }
        guard let answers = result else {
            for decided in chunk { plant.settle(decided.work, as: .storeAway) }
            return
        }
        precondition(answers.count == chunk.count, "A store answers every transition.")
        RuntimeMetrics.commitTime.recordMicroseconds((plant.clock.now() - began).microseconds)
        RuntimeMetrics.batchSize.record(chunk.count)
        var dispatch = Dispatch()
        var acknowledged: [ReplyDelivery] = []
        for (decided, answer) in zip(chunk, answers) {
            switch answer {
            case .committed(let versions):
                take(committed: decided, versions, into: &dispatch, &acknowledged)
            case .conflict: retryAfterConflict(decided.work)
            case .poisoned(let reason):
                RuntimeMetrics.poisoned.increment()
                plant.cache.remove(decided.work.sagaID)
                plant.settle(decided.work, as: .poisoned(reason))
            }
        }
        if !acknowledged.isEmpty { await plant.bus.acknowledge(acknowledged) }
        await plant.perform(dispatch)
    }

    private func take(
        committed decided: Decided, _ versions: [Int64], into dispatch: inout Dispatch,
        _ acknowledged: inout [ReplyDelivery]
    ) {
        RuntimeMetrics.transitions.increment()
        let state = decided.decision.state
        plant.keep(state, wakeAt: decided.transition.wakeAt, isWritten: true)
        dispatch.add(decided.decision, decided.transition, versions)
        if state.hasEnded, decided.transition.endedAt == decided.transition.at {
            RuntimeMetrics.ended(state.status)
            plant.endings.announce(state.identity.id)
        }
        switch decided.work.task {
        case .reply(_, let delivery): acknowledged.append(delivery)
        case .operate(_, let promise): promise.keep(plant.record(of: decided.transition, state))
        case .append(let pending):
            let version = decided.transition.appended.map { versions[$0] }
            plant.answer(pending, decided.decision, version)
        case .due, .takeOver, .ordered, .told: break
        }
    }

    private func retryAfterConflict(_ work: Work) {
        RuntimeMetrics.conflicts.increment()
        plant.cache.remove(work.sagaID)
        if work.tries < plant.limits.conflictRetries {
            retry(work)
        } else {
            plant.settle(work, as: .storeAway)
        }
    }
}
