import SagaCore
import Testing

@testable import BenchLimit

@Suite struct `A numbered saga` {
    @Test(arguments: [0, 1, 12_345, 1 << 40])
    func `is told again by each of its commands`(number: Int) {
        let saga = NumberedSaga(number)
        for place in 0..<3 {
            let told = NumberedSaga.reading(saga.command(place))
            #expect(told.saga == saga)
            #expect(told.place == place)
        }
    }

    @Test func `has identities that no other has, spread over all shards`() {
        let sagas = (0..<10_000).map(NumberedSaga.init)
        #expect(Set(sagas.map(\.id)).count == sagas.count)
        #expect(Set(sagas.flatMap { saga in (0..<3).map(saga.event) }).count == 3 * sagas.count)
        let shards = Dictionary(grouping: sagas) { $0.id.shard(of: 16) }
        #expect(shards.count == 16)
        #expect(shards.values.allSatisfy { (500...750).contains($0.count) })
    }
}

@Suite struct `A mailbox of the floor` {
    @Test func `gives what is in it in order, and nothing once it is closed and empty`() async {
        let mailbox = Mailbox<Int>()
        mailbox.put([1, 2, 3])
        mailbox.close()
        #expect(await mailbox.take(limit: 2) == [1, 2])
        #expect(await mailbox.take(limit: 2) == [3])
        #expect(await mailbox.take(limit: 2) == [])
    }

    @Test func `wakes who waits for it`() async {
        let mailbox = Mailbox<Int>()
        async let taken = mailbox.take(limit: 8)
        mailbox.put([7])
        #expect(await taken == [7])
        #expect(mailbox.takeNow(limit: 8) == [])
    }
}
