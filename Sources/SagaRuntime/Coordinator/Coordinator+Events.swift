import CoreMetrics
import Logging
package import SagaCore

extension Coordinator: EventDoor {
    /// Appends an event; answers when it is durable, or was already under that id.
    package func append(_ event: NewEvent, until: Instant) async throws -> AppendAnswer {
        let takers = plant.catalog.takers(of: event)
        let input = try input(of: event, isParsed: !takers.isEmpty)
        let now = plant.clock.now()
        let retryAfter = plant.limits.retryAfter
        return try await withCheckedThrowingContinuation { continuation in
            let promise = OncePromise<AppendAnswer>(continuation)
            let pending = PendingAppend(
                event: event, at: now, takers: takers, input: input, promise: promise)
            guard plant.appends.offer(pending) else {
                return promise.fail(AppendProblem.overloaded(retryAfter: retryAfter))
            }
            plant.deadlines.add(promise, until: until)
        }
    }

    /// The event as the rules see it.
    ///
    /// - Throws: ``AppendProblem/invalid(_:)`` where no store keeps it, it belongs to no stream, or its
    ///   data is no JSON although a saga may read it.
    private func input(
        of event: NewEvent, isParsed: Bool
    ) throws(AppendProblem) -> AppendedEvent {
        if let problem = event.storageProblem { throw .invalid(problem) }
        let prefix = "\(event.stream)."
        guard knownStreams[event.stream] == event.aggregateType, event.type.hasPrefix(prefix),
            event.type != prefix
        else {
            throw .invalid(
                "expected an event type that begins with a known stream and '.', and the stream's "
                    + "aggregate type; found the type '\(event.type)', the stream "
                    + "'\(event.stream)' and the aggregate type '\(event.aggregateType)'")
        }
        let name = String(event.type.dropFirst(prefix.count))
        guard isParsed, let body = event.body else {
            return AppendedEvent(id: event.id, event: name, data: .null)
        }
        do throws(JSONError) {
            return AppendedEvent(id: event.id, event: name, data: try Value(json: body))
        } catch {
            throw .invalid("the data of event \(event.id) is not JSON: \(error.message)")
        }
    }

    /// The event of that id.
    package func event(id: String) async throws -> RecordedEvent? {
        try await plant.store.event(id: id)
    }

    /// An aggregate's events, of every aggregate type with that id.
    package func events(
        aggregateID: String, after: EventPlace?, limit: Int
    ) async throws -> [RecordedEvent] {
        try await plant.store.events(
            aggregateID: aggregateID, types: plant.catalog.aggregateTypes, after: after,
            limit: limit)
    }

    /// All events.
    package func events(after: FeedPlace?, limit: Int) async throws -> EventFeedPage {
        try await plant.store.events(after: after ?? FeedPlace(), limit: limit)
    }

    /// The streams that definitions name, each with the type of its aggregates.
    package var knownStreams: [String: String] { plant.catalog.aggregateTypesByStream }

    /// Returns when something may have been recorded since that mark: at once for what this daemon
    /// records, at every ``CoordinatorLimits/eventPoll`` for what others do.
    package func waitForEvents(since mark: UInt64, until: Instant) async -> UInt64 {
        let marks = plant.marks
        let clock = plant.clock
        guard marks.mark == mark else { return marks.mark }
        let end = min(until, clock.now() + plant.limits.eventPoll)
        await withTaskGroup { group in
            group.addTask { await marks.wait(since: mark) }
            group.addTask { try? await clock.sleep(until: end) }
            await group.next()
            group.cancelAll()
        }
        return marks.mark
    }
}

// MARK: What was there before a saga

extension Coordinator {
    /// What the aggregate of a new saga has already; nil where its events mean nothing to the saga.
    ///
    /// - Throws: ``StoreError``.
    func earlyEvents(
        of entry: Catalog.Entry, key: String, at now: Instant
    ) async throws -> EarlyEvents? {
        guard let events = try await appendedEvents(of: entry, key: key) else { return nil }
        return EarlyEvents(events: events, looksBackAt: now + plant.limits.lookBack)
    }

    /// A saga looks at its aggregate's events again.
    func lookBack(_ id: SagaID) async {
        do {
            guard let record = try await plant.store.load([id]).first else { return }
            let identity = record.identity
            guard
                let entry = plant.catalog.entry(
                    name: identity.name, version: identity.definitionVersion),
                let events = try await appendedEvents(of: entry, key: identity.key)
            else { return }
            _ = await lane(of: id).inbox.put(Work(sagaID: id, task: .told(.lookedBack(events))))
        } catch {
            RuntimeMetrics.storeFaults.increment()
            plant.logger.debug(
                "a saga looks back later",
                metadata: ["saga_id": "\(id)", "problem": "\(error)"])
        }
    }

    /// The events of a key's aggregate that came from outside and may mean something to a saga of
    /// that definition; nil where none ever may.
    private func appendedEvents(
        of entry: Catalog.Entry, key: String
    ) async throws -> [AppendedEvent]? {
        guard let aggregate = entry.definition.aggregate, entry.takesEvents else { return nil }
        var found: [AppendedEvent] = []
        var version: Int64 = 0
        for _ in 0..<plant.limits.earlyPages {
            let page = try await plant.store.events(
                aggregateType: aggregate.type, aggregateID: key, after: version,
                limit: plant.limits.earlyPage)
            found += page.compactMap { $0.appended(to: aggregate, takenBy: entry.decider) }
            guard page.count == plant.limits.earlyPage, let last = page.last else { return found }
            version = last.version
        }
        plant.logger.warning(
            "an aggregate had more events before its saga than the saga looks at",
            metadata: ["saga": "\(entry.definition.name)", "key": "\(key)"])
        return found
    }
}

extension RecordedEvent {
    /// The event as a saga hears of it; nil where a saga raised it, or it means nothing.
    fileprivate func appended(to aggregate: Aggregate, takenBy decider: Decider) -> AppendedEvent? {
        let prefix = "\(aggregate.stream)."
        guard sagaID == nil, event.type.hasPrefix(prefix) else { return nil }
        let name = String(event.type.dropFirst(prefix.count))
        guard decider.takes(event: name) else { return nil }
        let data = event.body.flatMap { try? Value(json: $0) }
        return AppendedEvent(id: event.id, event: name, data: data ?? .null, isStored: true)
    }
}
