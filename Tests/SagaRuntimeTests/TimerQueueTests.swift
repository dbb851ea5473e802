import SagaCore
@testable import SagaRuntime
import Testing

@Suite struct `A timer queue` {
    private let epoch = Instant(microseconds: 0)
    private let a = SagaID(high: 0, low: 1)
    private let b = SagaID(high: 0, low: 2)

    private func at(_ seconds: Int) -> Instant { epoch + .seconds(seconds) }

    @Test func `wakes sagas when their time has come, each once`() {
        let queue = TimerQueue(horizon: .seconds(60))
        queue.set(a, at(2), now: epoch)
        queue.set(b, at(1), now: epoch)
        #expect(queue.due(now: at(0)).isEmpty)
        #expect(queue.due(now: at(1)) == [b])
        #expect(queue.due(now: at(3)) == [a])
        #expect(queue.due(now: at(9)).isEmpty)
    }

    @Test func `takes the last wish for a saga, earlier or later`() {
        let queue = TimerQueue(horizon: .seconds(60))
        queue.set(a, at(5), now: epoch)
        queue.set(a, at(10), now: epoch)
        #expect(queue.due(now: at(5)).isEmpty)
        queue.set(a, at(7), now: epoch)
        #expect(queue.due(now: at(7)) == [a])
        #expect(queue.due(now: at(20)).isEmpty)
    }

    @Test func `leaves what is beyond its horizon to the database`() {
        let queue = TimerQueue(horizon: .seconds(60))
        queue.set(a, at(61), now: epoch)
        #expect(queue.due(now: at(100)).isEmpty)
    }

    @Test func `forgets a cancelled saga`() {
        let queue = TimerQueue(horizon: .seconds(60))
        queue.set(a, at(1), now: epoch)
        queue.cancel(a)
        #expect(queue.due(now: at(2)).isEmpty)
    }

    @Test func `hands out the latest rearming of each saga`() {
        let queue = TimerQueue(horizon: .seconds(60))
        queue.rearm(Rearming(id: a, version: 1, wakeAt: at(1)))
        queue.rearm(nil)
        queue.rearm(Rearming(id: a, version: 2, wakeAt: at(2)))
        #expect(
            queue.takeRearmings(limit: 10) == [Rearming(id: a, version: 2, wakeAt: at(2))])
        #expect(queue.takeRearmings(limit: 10).isEmpty)
    }
}
