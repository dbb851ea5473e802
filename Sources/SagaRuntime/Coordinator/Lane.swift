import Logging
import CoreMetrics
import SagaCore

/// One pipeline of commits: takes what waits, decides, commits, and only then performs.
///
/// While one commit is under way the next batch gathers, so that batches are large under load and
/// nothing waits when there is none. A saga always goes through the same lane, but for its start, which
/// a ``Starter`` stores. Definitions have equal shares of a batch.
final class Lane: Sendable {
    let number: Int
    let inbox: FairInbox<Work>
    let plant: Plant
    /// The batch that is under way.
    let round = Round()

    init(number: Int, plant: Plant) {
        self.number = number
        self.plant = plant
        inbox = FairInbox(capacity: plant.limits.queue) { plant.flow(of: $0) }
    }

    /// Works until the inbox is closed and drained.
    func run() async {
        let queue = RuntimeMetrics.queue(lane: String(number))
        while true {
            let batch = await inbox.take(
                limit: plant.limits.batchTransitions, identity: \.sagaID)
            if batch.isEmpty { return }
            plant.heartbeat.beat()
            queue.record(inbox.count)
            round.begin()
            await decide(batch)
            round.end()
        }
    }

    /// Has a work tried again after those that wait.
    func retry(_ work: Work) {
        inbox.putBack(work.again)
    }
}
