import CoreMetrics
import Logging
import SagaCore

/// What sagas tell each other once it is stored.
enum KinMessage: Sendable {
    /// A parent's order to its child.
    case order(ChildOrder)
    /// A child's news for its parent.
    case report(ParentReport)
    /// News for a saga that need not lead to anything.
    case input(SagaID, Input)
    /// That a saga is to look at its aggregate's events.
    case lookBack(SagaID)
}

/// Child sagas: what is ordered of them, and what they tell.
///
/// A message that is lost, to a full queue or to a crash, is made up for: a parent's command is
/// repeated until its answer is stored, and a child that is there answers again.
extension Coordinator {
    /// Performs orders and brings reports until the queue is closed.
    func tellKin() async {
        while true {
            let batch = await plant.kin.take(limit: plant.limits.batchTransitions)
            if batch.isEmpty { return }
            await withTaskGroup { group in
                for message in batch { group.addTask { await self.tell(message) } }
            }
        }
    }

    private func tell(_ message: KinMessage) async {
        switch message {
        case .order(let order): await perform(order)
        case .report(let report):
            let work = Work(sagaID: report.parent, task: .told(report.input))
            _ = await lane(of: report.parent).inbox.put(work)
        case .input(let id, let input):
            _ = await lane(of: id).inbox.put(Work(sagaID: id, task: .told(input)))
        case .lookBack(let id): await lookBack(id)
        }
    }

    private func perform(_ order: ChildOrder) async {
        do {
            if let child = try await child(order.childID) {
                await perform(order, on: child)
            } else {
                try await performMissing(order)
            }
        } catch {
            RuntimeMetrics.storeFaults.increment()
            plant.logger.debug(
                "an order to a child saga waits until it is repeated",
                metadata: ["saga_id": "\(order.childID)", "problem": "\(error)"])
        }
    }

    private func child(_ id: SagaID) async throws -> SagaState? {
        if let cached = plant.cache[id] { return cached.state }
        return try await plant.store.load([id]).first.map { try SagaState(record: $0) }
    }

    private func perform(_ order: ChildOrder, on child: SagaState) async {
        // What has ended has nothing to turn round: it tells its end again.
        let isTooLate = if case .cancel = order.kind { child.hasEnded } else { false }
        if order.input != nil, !isTooLate {
            let work = Work(sagaID: order.childID, task: .ordered(order))
            _ = await lane(of: order.childID).inbox.put(work)
        } else {
            await answer(order, by: child)
        }
    }

    private func answer(_ order: ChildOrder, by child: SagaState) async {
        guard let report = plant.report(to: order, by: child) else { return }
        await tell(.report(report))
    }

    // MARK: A child that is not there yet

    private func performMissing(_ order: ChildOrder) async throws {
        switch order.kind {
        case .takeBack:
            await refuse(order, "unknown-saga", "there is no saga \(order.childID)")
        case .start(let key, let input), .cancel(let key, let input, _):
            guard let entry = catalog.newest(order.definition) else {
                let message = "no definition of the name '\(order.definition)' is loaded"
                return await refuse(order, "unknown-definition", message)
            }
            try await start(order, entry, key: key, input: input)
        }
    }

    private func start(
        _ order: ChildOrder, _ entry: Catalog.Entry, key: String, input: Value
    ) async throws {
        let circumstances = plant.circumstances()
        let early =
            order.hasDerivedKey(key)
            ? nil : try await earlyEvents(of: entry, key: key, at: circumstances.now)
        let decided = entry.decider.start(
            input, id: order.childID, freshKey: key, parent: order.parentLink,
            cancellation: order.cancellation, early: early, at: circumstances)
        switch decided {
        case .failure(let refusal): await refuse(order, "refused", refusal.message)
        case .success(let decision):
            let start = sagaStart(decision, entry, at: circumstances.now)
            let decided = DecidedStart(start, decision)
            let stored = try await store(order.childID, order.definition) { decided }
            switch stored.answer {
            case .started, .repeated, .idempotencyMismatch: break
            case .keyTaken(let owner) where owner != order.childID:
                await refuse(
                    order, "key-taken", "saga \(owner) has the key '\(key)' already")
            case .keyTaken: await startedMeanwhile(order, else: "its key is taken")
            case .poisoned(let reason): await startedMeanwhile(order, else: reason)
            }
        }
    }

    /// The same order may have been performed twice at a time.
    private func startedMeanwhile(_ order: ChildOrder, else reason: String) async {
        let child: SagaState?
        do {
            child = try await self.child(order.childID)
        } catch {
            return
        }
        guard let child else { return await refuse(order, "refused", reason) }
        await perform(order, on: child)
    }

    private func refuse(_ order: ChildOrder, _ code: String, _ message: String) async {
        await tell(.report(order.refusal(code, message)))
    }
}

extension Plant {
    /// What a child that is there tells its parent; nil where its definition is not loaded.
    func report(to order: ChildOrder, by child: SagaState) -> ParentReport? {
        let identity = child.identity
        return catalog.entry(name: identity.name, version: identity.definitionVersion)?
            .decider.report(to: order, by: child)
    }

    /// Answers an order whose input led to no transition of the child.
    func settle(_ order: ChildOrder, as unmoved: Unmoved) {
        switch unmoved {
        case .ignored(_, let child, _):
            if let report = report(to: order, by: child) { tell(.report(report)) }
        case .refused(let refusal):
            switch order.kind {
            case .takeBack: tell(.report(order.refusal("refused", refusal.message)))
            // It is past its point of no return, and tells its end by itself.
            case .start, .cancel: break
            }
        // Repeated with the parent's command.
        case .unknownSaga, .unreadable, .unknownDefinition, .poisoned, .storeAway: break
        }
    }

    /// Hands a message over; one that finds no room comes again with the parent's command.
    func tell(_ message: KinMessage) {
        if !kin.offer(message) { RuntimeMetrics.unpublished.increment() }
    }

    /// Has what was stored performed.
    func perform(_ dispatch: Dispatch) async {
        if !dispatch.events.isEmpty { marks.announce() }
        for message in dispatch.kin { tell(message) }
        await dispatcher.perform(dispatch)
    }
}

extension ChildOrder {
    /// Whether the child's key is one that nobody else can know.
    fileprivate func hasDerivedKey(_ key: String) -> Bool {
        key == parent.id.derived("key of \(path)").description
    }

    /// What the parent is told of an order that is not carried out and never will be.
    fileprivate func refusal(_ code: String, _ message: String) -> ParentReport {
        ParentReport(
            parent: parent.id, commandID: commandID, attempt: attempt,
            answer: .error(code: code, message: message, isRetriable: false))
    }
}
