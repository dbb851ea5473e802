import CoreMetrics
import Logging
import SagaCore
import Synchronization

/// Brings appended events to the sagas that they are about, and stores the others by themselves.
///
/// While one batch is on its way the next gathers, as in a ``Lane``. An event that no saga was there
/// for is looked after once more when it is stored: a saga that started meanwhile hears of it then,
/// and one that started with a look at the stored events had it. What falls between the two, with a
/// daemon that dies there, the saga finds when it looks back.
struct Appender {
    let coordinator: Coordinator

    private var plant: Plant { coordinator.plant }

    /// Works until the queue is closed and drained.
    func run() async {
        while true {
            let batch = await plant.appends.take(limit: plant.limits.appendBatch)
            if batch.isEmpty { return }
            plant.heartbeat.beat()
            for chunk in batch.chunked(limits: plant.limits, size: { $0.event.size }) {
                await handle(chunk)
            }
        }
    }

    /// What of a batch nobody took care of yet.
    private final class Rest: Sendable {
        private let pending: Mutex<[PendingAppend]>

        init(_ batch: [PendingAppend]) { pending = Mutex(batch) }

        /// Those whose callers still wait.
        var waiting: [PendingAppend] {
            pending.withLock { pending in pending.filter { !$0.promise.isOver } }
        }

        func leave(_ rest: [PendingAppend]) { pending.withLock { $0 = rest } }
    }

    /// Repeats until the store answers, with a look at the sagas each time; where one event is to
    /// blame for a failure the others go on without it.
    private func handle(_ batch: [PendingAppend]) async {
        let rest = Rest(batch)
        let done: Void? = await plant.untilStoreAnswers {
            do {
                try await self.sort(rest)
            } catch let fault as StoreError where fault.kind != .unavailable {
                await self.handleEach(of: rest, fault)
            }
        }
        if done == nil { for pending in rest.waiting { plant.failAsAway(pending) } }
    }

    private func handleEach(of rest: Rest, _ fault: StoreError) async {
        plant.logger.error(
            "events could not be appended together", metadata: ["problem": "\(fault)"])
        for pending in rest.waiting {
            do {
                try await sort(Rest([pending]))
            } catch {
                pending.promise.fail(
                    AppendProblem.unavailable("\(error)", retryAfter: plant.limits.retryAfter))
            }
        }
    }

    /// Hands each event to its saga's lane, or stores it.
    private func sort(_ rest: Rest) async throws {
        let batch = rest.waiting
        let looking = batch.filter { pending in
            if case .look = pending.course { return true }
            return false
        }
        let owners = try await owners(of: looking)
        var alone: [PendingAppend] = []
        var refused: [(PendingAppend, String)] = []
        var looked = owners.makeIterator()
        for pending in batch {
            switch pending.course {
            case .look:
                let sagas = looked.next() ?? []
                guard let first = sagas.first else {
                    alone.append(pending)
                    continue
                }
                let work = Work(
                    sagaID: first, task: .append(pending.telling(Array(sagas.dropFirst()))))
                if await !coordinator.lane(of: first).inbox.put(work) {
                    plant.failAsAway(pending)
                }
            case .alone: alone.append(pending)
            case .refused(let reason): refused.append((pending, reason))
            }
        }
        rest.leave(alone + refused.map(\.0))
        for (pending, reason) in refused { try await explain(pending, reason) }
        try await store(alone)
    }

    /// The sagas that each event may mean something to, in the order of their definitions' names.
    private func owners(of batch: [PendingAppend]) async throws -> [[SagaID]] {
        let keys = batch.flatMap { pending in
            pending.takers.map {
                SagaKey(definition: $0, key: pending.event.aggregateID)
            }
        }
        guard !keys.isEmpty else { return batch.map { _ in [] } }
        var found = try await plant.store.owners(of: keys)[...]
        return batch.map { pending in
            defer { found = found.dropFirst(pending.takers.count) }
            return found.prefix(pending.takers.count).compactMap { $0 }
        }
    }

    private func store(_ batch: [PendingAppend]) async throws {
        guard !batch.isEmpty else { return }
        let answers = try await plant.store.append(
            batch.map { EventAppend(event: $0.event, at: $0.at) })
        precondition(answers.count == batch.count, "A store answers every append.")
        var dispatch = Dispatch()
        for (pending, answer) in zip(batch, answers) {
            guard case .appended(let version) = answer else { continue }
            RuntimeMetrics.appended.increment()
            dispatch.events.append(
                RecordedEvent(
                    event: pending.event, version: version, sagaID: nil, recordedAt: pending.at))
        }
        await plant.perform(dispatch)
        await lookAgain(batch, answers)
        for (pending, answer) in zip(batch, answers) {
            switch answer {
            case .appended(let version): pending.promise.keep(.appended(version: version))
            case .known: pending.promise.keep(.known)
            case .poisoned(let reason): pending.promise.fail(AppendProblem.invalid(reason))
            }
        }
    }

    /// Tells sagas that started while their events were being stored.
    private func lookAgain(_ batch: [PendingAppend], _ answers: [EventAppendAnswer]) async {
        let stored = zip(batch, answers).filter { pending, answer in
            if case .poisoned = answer { return false }
            if case .look = pending.course { return !pending.takers.isEmpty }
            return false
        }.map(\.0)
        guard let owners = try? await owners(of: stored) else { return }
        for (pending, sagas) in zip(stored, owners) {
            for saga in sagas { plant.tell(.input(saga, pending.told)) }
        }
    }

    /// A saga's transition was refused with the event in it: because the event is stored, or for a
    /// reason of its own.
    private func explain(_ pending: PendingAppend, _ reason: String) async throws {
        if try await plant.store.event(id: pending.event.id) != nil {
            pending.promise.keep(.known)
        } else {
            pending.promise.fail(
                AppendProblem.unavailable(reason, retryAfter: plant.limits.retryAfter))
        }
    }
}

extension Plant {
    /// Says that an event could not be stored now.
    func failAsAway(_ pending: PendingAppend) {
        pending.promise.fail(
            AppendProblem.unavailable(
                "the database does not answer", retryAfter: limits.retryAfter))
    }

    /// Has an event go another way; one that finds no way is said to be late.
    private func send(_ pending: PendingAppend, _ course: PendingAppend.Course) {
        if !appends.readmit(pending.going(course)) { failAsAway(pending) }
    }

    /// What becomes of an event that led to no transition of its saga.
    func settle(_ pending: PendingAppend, as unmoved: Unmoved) {
        let problem: String
        switch unmoved {
        case .ignored, .unknownSaga: return send(pending, .alone)
        case .poisoned(let reason): return send(pending, .refused(reason))
        case .storeAway: return failAsAway(pending)
        case .refused(let refusal): problem = refusal.message
        case .unreadable(let reason): problem = reason
        case .unknownDefinition(let identity):
            problem =
                "definition \(identity.name) version \(identity.definitionVersion) is not loaded"
        }
        pending.promise.fail(
            AppendProblem.unavailable(problem, retryAfter: limits.retryAfter))
    }

    /// Answers one whose event is stored, or absorbed, with a saga's transition.
    func answer(_ pending: PendingAppend, _ decision: Decision, _ version: Int64?) {
        if let version {
            RuntimeMetrics.appended.increment()
            pending.promise.keep(.appended(version: version))
            for saga in pending.others { tell(.input(saga, pending.told)) }
        } else {
            RuntimeMetrics.absorbed.increment()
            pending.promise.keep(.absorbed(decision.absorption))
        }
    }
}

extension Decision {
    /// Why an event is not stored, in words.
    fileprivate var absorption: String {
        for case .eventRepeated(let path, _, let outcome) in entries {
            return "step \(path) has the outcome '\(outcome)' already"
        }
        for case .lateReply(let path, _, let outcome, _, _) in entries {
            return "step \(path) has another outcome than '\(outcome)' already"
        }
        return "the saga has heard of it already"
    }
}
