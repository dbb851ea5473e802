@testable import SagaRuntime
import Testing

/// Elements are texts whose first letter is their flow.
@Suite struct `A fair inbox` {
    private func inbox(_ capacity: Int, _ elements: [String] = []) -> FairInbox<String> {
        let inbox = FairInbox<String>(capacity: capacity) { String($0.prefix(1)) }
        for element in elements { inbox.putBack(element) }
        return inbox
    }

    private func take(_ limit: Int, _ inbox: FairInbox<String>) async -> [String] {
        await inbox.take(limit: limit) { $0 }
    }

    @Test func `hands out one of each flow in turn, each in its order`() async {
        let inbox = inbox(10, ["a1", "a2", "a3", "a4", "b1", "c1", "c2"])
        #expect(await take(5, inbox) == ["a1", "b1", "c1", "a2", "c2"])
        #expect(await take(5, inbox) == ["a3", "a4"])
        #expect(inbox.count == 0)
    }

    @Test func `begins each batch with another flow`() async {
        let inbox = inbox(10, ["a1", "a2", "b1", "b2", "c1", "c2"])
        var first: [String] = []
        for _ in 1...6 { first += await take(1, inbox) }
        #expect(first == ["a1", "b1", "c1", "a2", "b2", "c2"])
    }

    @Test func `hands out each identity once and keeps the others in order`() async {
        let inbox = inbox(10, ["a1x", "a2x", "b1y", "a3z", "a4x", "b2x"])
        let batches = [
            await inbox.take(limit: 10) { $0.last }, await inbox.take(limit: 10) { $0.last },
            await inbox.take(limit: 10) { $0.last }, await inbox.take(limit: 10) { $0.last },
        ]
        #expect(batches == [["a1x", "b1y", "a3z"], ["b2x"], ["a2x"], ["a4x"]])
    }

    @Test func `lets one flow have half of the room, and a newcomer its part of the rest`() {
        let inbox = inbox(8)
        let first = (1...6).map { inbox.offer("a\($0)") }
        #expect(first == [true, true, true, true, false, false])
        let second = (1...4).map { inbox.offer("b\($0)") }
        #expect(second == [true, true, false, false])
        #expect(inbox.offer("c1"))
        #expect(!inbox.offer("c2"))
    }

    @Test func `lets fill the rest who can wait, and has the next one wait`() async {
        let inbox = inbox(4)
        #expect(inbox.offer("a1"))
        #expect(inbox.offer("a2"))
        #expect(!inbox.offer("a3"))
        #expect(await inbox.put("a3"))
        #expect(await inbox.put("a4"))
        async let isIn = inbox.put("a5")
        #expect(await take(3, inbox) == ["a1", "a2", "a3"])
        #expect(await isIn)
        #expect(await take(3, inbox) == ["a4", "a5"])
    }

    @Test func `lets its taker and its senders finish once closed`() async {
        let inbox = inbox(1, ["a1"])
        async let isIn = inbox.put("a2")
        inbox.close()
        #expect(await !isIn)
        #expect(!inbox.offer("a3"))
        #expect(await take(4, inbox) == ["a1"])
        #expect(await take(4, inbox).isEmpty)
    }
}
