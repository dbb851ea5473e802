import CoreMetrics
import Logging
import SagaCore

/// Where a stream of events is not whole.
extension StreamKeeper {
    /// Repairs a stream, unless another daemon does.
    func repair(
        _ found: KnownStream, _ trouble: StreamTrouble, _ watch: inout StreamWatch
    ) async throws {
        watch.pending = nil
        if let claim = found.known?.claim, claim.owner != owner, claim.until > clock.now() {
            return
        }
        var known = found.known ?? StreamKnowledge(unknown: found.standing)
        let seen = trouble.isOfWitness ? unseen(found, since: watch.wholeAt) : .max
        let trusted = min(trouble.trusted, seen, known.claim?.trusted ?? .max)
        known.claim = StreamKnowledge.Claim(
            owner: owner, until: clock.now() + limits.claim, trusted: trusted)
        guard try await remember(known, found),
            let memory = try await store.memory(of: found.stream.name)
        else { return }
        watch.isRepairing = true
        do {
            let claimed = ClaimedStream(known: known, revision: memory.revision)
            try await repair(found, trouble, claimed, &watch)
        } catch {
            postpone(&watch)
            throw error
        }
    }

    private func repair(
        _ found: KnownStream, _ trouble: StreamTrouble, _ claimed: ClaimedStream,
        _ watch: inout StreamWatch
    ) async throws {
        let began = clock.now()
        let name = found.stream.name
        if trouble == .unknown, found.standing.messages > limits.idsMax {
            return try await believe(found, claimed, &watch)
        }
        let marks = try await marks(of: found, claimed.known)
        var claim = claimed
        let repair = StreamRepair(
            stream: name, store: store, bus: bus, clock: clock, limits: limits, logger: logger,
            renewClaim: { try await self.renew(&claim, of: found) })
        let outcome = try await repair.run(from: marks.last, found.standing)
        guard let standing = try await bus.standing(of: name),
            standing.identity == found.standing.identity
        else { throw BusError(.unavailable, "the stream was lost again") }
        StreamMetrics.resent.increment(by: outcome.count.stored)
        guard outcome.withheld == 0 else {
            throw BusError(
                .unavailable,
                "\(outcome.withheld) events are gone whose ids the stream still remembers; they are "
                    + "sent again when its duplicate window has passed")
        }
        guard outcome.count.refused == 0 else {
            // For want of room, say: the outbox does not have them any more.
            throw BusError(
                .unavailable,
                "the broker refuses \(outcome.count.refused) of the events that are gone: "
                    + "\(outcome.count.refusal ?? ""); they are sent again")
        }
        try await settle(found, claim, marks, standing, outcome)
        watch = StreamWatch(isCompared: true, wholeAt: began)
        tell(found, trouble, outcome, clock.now() - began)
    }

    /// The places up to which the stream is whole all the same, the oldest first.
    private func marks(
        of found: KnownStream, _ known: StreamKnowledge
    ) async throws -> [StreamKnowledge.Mark] {
        guard known.identity == found.standing.identity else { return [] }
        var marks = known.marks.filter { $0.number < known.claim?.trusted ?? .max }
        while let newest = marks.last, try await !found.holds(newest, on: bus) {
            marks.removeLast()
        }
        return marks
    }

    /// Takes a stream for whole that nobody looked at before and that is too long to be compared.
    private func believe(
        _ found: KnownStream, _ claim: ClaimedStream, _ watch: inout StreamWatch
    ) async throws {
        logger.warning(
            "a stream is too long to be compared with the event store, and is taken for whole",
            metadata: [
                "stream": "\(found.stream.name)", "messages": "\(found.standing.messages)",
            ])
        _ = try await store.remember(
            StreamMemory(
                stream: found.stream.name, revision: claim.revision,
                content: StreamKnowledge(found.standing).text))
        watch = StreamWatch(isCompared: true)
    }

    /// Holds on to a stream that is being repaired.
    private func renew(_ claim: inout ClaimedStream, of found: KnownStream) async throws {
        try Task.checkCancellation()
        let now = clock.now()
        guard let until = claim.known.claim?.until, until - now < limits.claim / 2 else { return }
        claim.known.claim?.until = now + limits.claim
        let memory = StreamMemory(
            stream: found.stream.name, revision: claim.revision, content: claim.known.text)
        guard try await store.remember(memory) else {
            throw StoreError(.unavailable, "another daemon has taken the stream over")
        }
        claim.revision += 1
    }

    /// Remembers the stream as it is now: whole up to where the event store was.
    private func settle(
        _ found: KnownStream, _ claim: ClaimedStream, _ marks: [StreamKnowledge.Mark],
        _ standing: StreamStanding, _ outcome: StreamRepair.Outcome
    ) async throws {
        let id = try await bus.messageID(standing.last, in: found.stream.name)
        try await outcome.contents.checkEnd()
        var known = StreamKnowledge(standing)
        known.marks = marks
        if id != nil || standing.last == 0 {
            known.add(
                StreamKnowledge.Mark(
                    number: standing.last, floor: found.standing.last, messageID: id,
                    place: outcome.place, at: clock.now()),
                limit: limits.marks)
        }
        let memory = StreamMemory(
            stream: found.stream.name, revision: claim.revision, content: known.text)
        guard try await store.remember(memory) else {
            throw StoreError(.unavailable, "another daemon has taken the stream over")
        }
    }

    /// The one line for the operator; none where a stream was merely looked at, and was whole.
    private func tell(
        _ found: KnownStream, _ trouble: StreamTrouble, _ outcome: StreamRepair.Outcome,
        _ took: Duration
    ) {
        if outcome.count.sent == 0, trouble.isSuspicion { return }
        StreamMetrics.lost.increment()
        logger.warning(
            "a stream lost events and is whole again; what it lacked was sent from the database",
            metadata: [
                "stream": "\(found.stream.name)", "found": "\(trouble)",
                "events": "\(outcome.count.stored)", "took": "\(took.secondsText)",
            ])
    }

    private func postpone(_ watch: inout StreamWatch) {
        let pause = watch.pause.map { min($0 * 2, limits.repairRetryMax) } ?? limits.repairRetry
        watch.pause = pause
        watch.pausedUntil = clock.now() + pause
    }
}

extension StreamTrouble {
    /// Whether nothing may be missing: another daemon may have seen the same, and repaired it.
    fileprivate var isSuspicion: Bool {
        switch self {
        case .unknown, .unverified, .replaced, .wentBack, .unfinished: true
        case .madeAnew, .thinned: false
        }
    }

    /// Whether it may rest on what one daemon published, and no other knows.
    var isOfWitness: Bool {
        switch self {
        case .replaced, .wentBack: true
        case .madeAnew, .thinned, .unknown, .unverified, .unfinished: false
        }
    }
}

extension StreamKnowledge {
    /// A stream that nobody looked at before.
    fileprivate init(unknown standing: StreamStanding) {
        self.init(standing)
        identity = ""
    }
}

/// A stream that a keeper has to itself.
private struct ClaimedStream {
    var known: StreamKnowledge
    /// The revision of what is remembered.
    var revision: Int64
}
