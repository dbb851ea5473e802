import SagaCore
import SagaTestKit
import Testing

@testable import SagaRuntime

@Suite struct `The cache of states` {
    @Test func `forgets where messages lie when a stream lost some, and nothing else`() throws {
        let cache = StateCache(capacity: 2)
        let sent = Sample.command(1)
        var state = SagaState(identity: sent.saga, input: .null, startedAt: Sample.epoch)
        state.open = [sent.command]
        cache.store(state, wakeAt: nil, isWritten: true)
        let receipt = PublishReceipt(stream: "SAGA_COMMANDS", sequence: 7)
        cache.note(receipt, of: sent.command.id, in: sent.saga.id)
        #expect(cache[sent.saga.id]?.receipts == [sent.command.id: receipt])
        cache.forgetReceipts()
        #expect(cache[sent.saga.id]?.receipts == [:])
        #expect(cache[sent.saga.id]?.state == state)
    }
}
