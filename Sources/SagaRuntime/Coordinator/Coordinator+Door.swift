package import SagaCore

extension Coordinator {
    /// Starts a saga; answers when it is durable.
    package func start(_ request: StartRequest) async throws -> StartedSaga {
        guard let entry = catalog.newest(request.definition) else {
            throw StartProblem.unknownDefinition(
                request.definition, known: catalog.offered.map(\.definition.name))
        }
        if let refusal = entry.decider.refusal(of: request.body) {
            throw StartProblem.refused(refusal)
        }
        let circumstances = plant.circumstances()
        let now = circumstances.now
        let (id, fresh) = (plant.random.identity(at: now), plant.random.identity(at: now))
        let early = try await earlyEvents(of: entry, request, id, circumstances)
        let decide: @Sendable () throws -> DecidedStart = {
            try self.decide(request, entry, (id, fresh), early, circumstances)
        }
        if !request.faults.isEmpty {
            // None is assigned to what is refused.
            _ = try decide()
            try await assign(request.faults, to: id)
        }
        return try await answer(
            request, entry.definition, try await store(id, request.definition, decide))
    }

    /// Decides what a request starts whose body keeps to the schema.
    ///
    /// - Parameter ids: the saga's, and the one that its key is where nothing else says it.
    /// - Throws: ``StartProblem``.
    private func decide(
        _ request: StartRequest, _ entry: Catalog.Entry, _ ids: (saga: SagaID, key: UniqueID),
        _ early: EarlyEvents?, _ circumstances: Circumstances
    ) throws -> DecidedStart {
        let decided = entry.decider.begin(
            request.body, id: ids.saga, freshKey: request.key ?? ids.key.description,
            early: early, at: circumstances)
        switch decided {
        case .failure(let refusal): throw StartProblem.refused(refusal)
        case .success(let decision):
            let claim = request.idempotencyKey.map {
                IdempotencyClaim(
                    key: $0, digest: request.digest,
                    expiresAt: circumstances.now + plant.limits.idempotency)
            }
            return DecidedStart(sagaStart(decision, entry, claim, at: circumstances.now), decision)
        }
    }

    /// Has rules strike a saga, before it is stored: none of its commands goes out without them.
    private func assign(_ names: [String], to id: SagaID) async throws {
        do {
            try await faults?.assign(names, to: id)
        } catch {
            throw StartProblem.unavailable("\(error)", retryAfter: plant.limits.retryAfter)
        }
    }

    /// What the aggregate of a new saga has already, where others may know its key.
    private func earlyEvents(
        of entry: Catalog.Entry, _ request: StartRequest, _ id: SagaID,
        _ circumstances: Circumstances
    ) async throws -> EarlyEvents? {
        let computed = entry.decider.key(of: request.body, id: id, at: circumstances)
        guard let key = computed ?? request.key else { return nil }
        do {
            return try await earlyEvents(of: entry, key: key, at: circumstances.now)
        } catch {
            throw StartProblem.unavailable("\(error)", retryAfter: plant.limits.retryAfter)
        }
    }

    /// What is stored of a start.
    func sagaStart(
        _ decision: Decision, _ entry: Catalog.Entry, _ claim: IdempotencyClaim? = nil,
        at now: Instant
    ) -> SagaStart {
        let state = decision.state
        var before = state
        before.version = 0
        let transition = plant.transition(
            decision, input: nil, from: before, storedWakeAt: nil, at: now)
        return SagaStart(
            identity: state.identity, definitionHash: entry.hash, input: state.input.jsonBytes,
            transition: transition, idempotency: claim)
    }

    /// Has a start decided and stored; answers when it is durable.
    ///
    /// - Throws: ``StartProblem``.
    func store(
        _ id: SagaID, _ definition: String, _ decide: @escaping @Sendable () throws -> DecidedStart
    ) async throws -> StoredStart {
        let inbox = starter.inbox
        do {
            return try await withCheckedThrowingContinuation { continuation in
                let pending = PendingStart(
                    id: id, definition: definition, decide: decide,
                    promise: Promise(continuation))
                if !inbox.offer(pending) {
                    pending.promise.fail(
                        StartProblem.overloaded(retryAfter: plant.limits.retryAfter))
                }
            }
        } catch let problem as StartProblem {
            throw problem
        } catch {
            throw StartProblem.unavailable("\(error)", retryAfter: plant.limits.retryAfter)
        }
    }

    /// Answers a request whose start was stored.
    private func answer(
        _ request: StartRequest, _ definition: SagaDefinition, _ stored: StoredStart
    ) async throws -> StartedSaga {
        let identity = stored.decided.start.identity
        let document = stored.decided.decision.state.input
        switch stored.answer {
        case .started:
            return StartedSaga(identity: identity, document: document, isRepeated: false)
        case .repeated(let id): return try await repeated(id)
        case .idempotencyMismatch:
            throw StartProblem.idempotencyMismatch(request.idempotencyKey ?? "")
        case .keyTaken(let id):
            let first = try await repeated(id)
            let isSame =
                definition.posted(first.document) == definition.posted(document)
            if isSame { return first }
            throw StartProblem.keyTaken(key: identity.key, id)
        case .poisoned(let reason):
            throw StartProblem.refused(.notComputable(["document": reason]))
        }
    }

    /// The saga that the same wish started before.
    private func repeated(_ id: SagaID) async throws -> StartedSaga {
        do {
            guard let record = try await plant.store.load([id]).first else {
                throw StartProblem.unavailable(
                    "the saga that this request started is not readable yet",
                    retryAfter: plant.limits.retryAfter)
            }
            return StartedSaga(
                identity: record.identity, document: try Value(json: record.input),
                isRepeated: true)
        } catch let fault as StoreError {
            throw StartProblem.unavailable(fault.message, retryAfter: plant.limits.retryAfter)
        }
    }

    /// Has an operator's input decided; answers when the decision is durable.
    package func operate(on id: SagaID, _ input: Input) async throws -> SagaRecord {
        let inbox = lane(of: id).inbox
        return try await withCheckedThrowingContinuation { continuation in
            let promise = Promise<SagaRecord>(continuation)
            if !inbox.offer(Work(sagaID: id, task: .operate(input, promise))) {
                promise.fail(OperatorProblem.overloaded(retryAfter: plant.limits.retryAfter))
            }
        }
    }

    /// Waits until a saga has ended, at most until that time.
    ///
    /// A saga that another daemon ends is seen within ``LeaseLimits/endPoll``.
    package func waitForEnd(of id: SagaID, until: Instant) async throws -> SagaRecord? {
        await withTaskGroup { group in
            group.addTask { await self.plant.endings.wait(for: id) }
            group.addTask { try? await self.plant.clock.sleep(until: until) }
            group.addTask { await self.returnOnceEnded(id, until: until) }
            await group.next()
            group.cancelAll()
        }
        return try await plant.store.load([id]).first
    }

    /// Returns where the saga had ended before anybody waited, or another daemon has ended it, and
    /// otherwise at that time.
    private func returnOnceEnded(_ id: SagaID, until: Instant) async {
        if await hasEnded(id) { return }
        while await pause(plant.leases.limits.endPoll), plant.clock.now() < until {
            if !plant.leases.isAlone, await hasEnded(id) { return }
        }
    }

    private func hasEnded(_ id: SagaID) async -> Bool {
        guard let record = try? await plant.store.load([id]).first else { return false }
        return record.endedAt != nil
    }
}

extension SagaDefinition {
    /// A document without the members that the start computes: what was posted.
    fileprivate func posted(_ document: Value) -> Value {
        guard let intake, case .map(var members) = document else { return document }
        if let idMember = intake.idMember { members[idMember] = nil }
        for assignment in intake.set { members[assignment.name] = nil }
        return .map(members)
    }
}
