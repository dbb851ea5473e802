import Testing

@testable import SagaWorker

@Suite struct `A consumer that the server does not make` {
    /// Error codes and words of nats-server 2.9 and 2.10.
    @Test(arguments: [
        (10_059, "stream not found"), (10_096, "stream not valid"), (10_012, "invalid stream"),
    ])
    func `is waited for where its stream is missing, or just being deleted`(
        code: Int, words: String
    ) {
        #expect(Entry.isOfStream(code, words))
    }

    @Test(arguments: [
        (10_012, "deliver policy can not be updated"), (10_093, "consumer filter subject is wrong"),
        (10_026, "maximum consumers limit reached"),
    ])
    func `is given up where the options cannot be used`(code: Int, words: String) {
        #expect(!Entry.isOfStream(code, words))
    }
}
