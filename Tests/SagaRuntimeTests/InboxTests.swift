@testable import SagaRuntime
import Testing

@Suite struct `An inbox` {
    @Test func `hands out what is there, in order, up to the limit`() async {
        let inbox = Inbox<Int>(capacity: 10)
        for number in 1...5 { #expect(inbox.offer(number)) }
        #expect(await inbox.take(limit: 3) == [1, 2, 3])
        #expect(await inbox.take(limit: 3) == [4, 5])
    }

    @Test func `hands out each identity once and keeps the others in order`() async {
        let inbox = Inbox<String>(capacity: 10)
        for text in ["a1", "b1", "a2", "c1", "a3", "b2"] { _ = inbox.offer(text) }
        let first = await inbox.take(limit: 10) { $0.first }
        #expect(first == ["a1", "b1", "c1"])
        let second = await inbox.take(limit: 10) { $0.first }
        #expect(second == ["a2", "b2"])
        #expect(await inbox.take(limit: 10) == ["a3"])
    }

    @Test func `refuses what is over its bound until there is room`() async {
        let inbox = Inbox<Int>(capacity: 1)
        #expect(inbox.offer(1))
        #expect(!inbox.offer(2))
        async let isIn = inbox.put(2)
        #expect(await inbox.take(limit: 1) == [1])
        #expect(await isIn)
        #expect(await inbox.take(limit: 1) == [2])
    }

    @Test func `counts what its elements weigh`() async {
        let inbox = Inbox<[Int]>(capacity: 5, weight: \.count)
        #expect(inbox.offer([1, 2, 3, 4]))
        #expect(inbox.offer([5, 6, 7]))
        #expect(!inbox.offer([8]))
        #expect(await inbox.take(limit: 1) == [[1, 2, 3, 4]])
        #expect(inbox.offer([8]))
    }

    @Test func `counts what comes back into it`() async {
        let inbox = Inbox<Int>(capacity: 1)
        #expect(inbox.readmit(1))
        #expect(!inbox.offer(2))
        #expect(await inbox.take(limit: 1) == [1])
        inbox.putBack(3)
        #expect(!inbox.offer(4))
        #expect(await inbox.take(limit: 1) == [3])
        #expect(inbox.offer(5))
        #expect(!inbox.offer(6))
    }

    @Test func `lets its taker finish once closed and drained`() async {
        let inbox = Inbox<Int>(capacity: 4)
        _ = inbox.offer(1)
        inbox.close()
        #expect(!inbox.offer(2))
        #expect(await inbox.take(limit: 4) == [1])
        #expect(await inbox.take(limit: 4).isEmpty)
        #expect(await inbox.put(3) == false)
    }

    @Test func `wakes a taker that waits`() async {
        let inbox = Inbox<Int>(capacity: 4)
        async let taken = inbox.take(limit: 4)
        await Task.yield()
        _ = inbox.offer(7)
        #expect(await taken == [7])
    }
}
