import CoreMetrics
import SagaCore

/// The pipeline of starts: takes those that wait, decides them, and stores them together.
///
/// What has begun goes first: the next batch of starts gathers until the lanes have done with the
/// batches that they are at, and half fills a commit at most. The lanes never wait for a start. Thus
/// orders wait, and are refused in the end, before sagas do. Definitions have equal shares of a batch.
final class Starter: Sendable {
    let inbox: FairInbox<PendingStart>
    private let plant: Plant
    private let rounds: [Round]

    /// A starter that lets those rounds go first.
    init(plant: Plant, rounds: [Round]) {
        self.plant = plant
        self.rounds = rounds
        inbox = FairInbox(capacity: plant.limits.queue) { $0.definition }
    }

    /// Works until the inbox is closed and drained.
    func run() async {
        let queue = RuntimeMetrics.queue(lane: "starts")
        let limit = max(1, plant.limits.batchTransitions / 2)
        while true {
            await inbox.filled()
            for round in rounds { await round.ended() }
            let batch = await inbox.take(limit: limit, identity: \.id)
            if batch.isEmpty { return }
            plant.heartbeat.beat()
            queue.record(inbox.count)
            let ready = decided(batch)
            for chunk in ready.chunked(limits: plant.limits, size: { $0.decided.start.size }) {
                await store(chunk: chunk)
            }
        }
    }

    /// A start with what was decided of it.
    private struct Ready {
        let pending: PendingStart
        let decided: DecidedStart
    }

    /// Decides starts; who asked for one that is refused is told.
    private func decided(_ starts: [PendingStart]) -> [Ready] {
        starts.compactMap { pending in
            do {
                return Ready(pending: pending, decided: try pending.decide())
            } catch {
                pending.promise.fail(error)
                return nil
            }
        }
    }

    private func store(chunk: [Ready]) async {
        let (batch, others) = withoutRivals(chunk)
        do {
            let began = plant.clock.now()
            let answers = try await plant.store.start(batch.map(\.decided.start))
            RuntimeMetrics.commitTime.recordMicroseconds((plant.clock.now() - began).microseconds)
            precondition(answers.count == batch.count, "A store answers every start.")
            var dispatch = Dispatch()
            for (ready, answer) in zip(batch, answers) {
                if case .started(let versions) = answer {
                    take(started: ready.decided, versions, into: &dispatch)
                }
                ready.pending.promise.keep(StoredStart(decided: ready.decided, answer: answer))
            }
            await plant.perform(dispatch)
        } catch {
            RuntimeMetrics.storeFaults.increment()
            for ready in batch { ready.pending.promise.fail(error) }
        }
        for rival in others { inbox.putBack(rival.pending) }
    }

    /// What only one start of a batch may have.
    private struct Claim: Hashable {
        enum Kind: Hashable { case key, idempotencyKey }
        let kind: Kind
        let name: String
        let text: String
    }

    /// Starts that claim the same key wait for the next batch: a batch holds each only once.
    private func withoutRivals(
        _ starts: [Ready]
    ) -> (batch: [Ready], rivals: [Ready]) {
        var claims: Set<Claim> = []
        var batch: [Ready] = []
        var rivals: [Ready] = []
        for ready in starts {
            let start = ready.decided.start
            let name = start.identity.name
            let key = Claim(kind: .key, name: name, text: start.identity.key)
            let once = start.idempotency.map {
                Claim(kind: .idempotencyKey, name: name, text: $0.key)
            }
            let isFree = !claims.contains(key) && !(once.map(claims.contains) ?? false)
            if isFree {
                claims.insert(key)
                if let once { claims.insert(once) }
                batch.append(ready)
            } else {
                rivals.append(ready)
            }
        }
        return (batch, rivals)
    }

    private func take(
        started decided: DecidedStart, _ versions: [Int64], into dispatch: inout Dispatch
    ) {
        RuntimeMetrics.started.increment()
        let transition = decided.start.transition
        plant.keep(decided.decision.state, wakeAt: transition.wakeAt, isWritten: true)
        dispatch.add(decided.decision, transition, versions)
    }
}

extension SagaStart {
    var size: Int { input.count + transition.size }
}

extension Array {
    /// The elements in order, in parts that keep to the bounds of one commit.
    func chunked(limits: CoordinatorLimits, size: (Element) -> Int) -> [[Element]] {
        var parts: [[Element]] = []
        var part: [Element] = []
        var bytes = 0
        for element in self {
            let more = size(element)
            let isFull = part.count >= limits.batchTransitions || bytes + more > limits.batchBytes
            if isFull, !part.isEmpty {
                parts.append(part)
                part = []
                bytes = 0
            }
            part.append(element)
            bytes += more
        }
        if !part.isEmpty { parts.append(part) }
        return parts
    }
}
