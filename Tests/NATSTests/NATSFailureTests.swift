import Testing

@testable import NATS

@Suite struct `A consumer that the server does not make` {
    /// Codes and words of nats-server 2.9 and later ones.
    @Test(arguments: [
        (404, 10_059, "stream not found"), (500, 10_096, "stream not valid"),
        (500, 10_012, "invalid stream"),
    ])
    func `has no stream yet, or one that is being deleted`(code: Int, own: Int, words: String) {
        let failure = NATSFailure.refused(code: code, errorCode: own, description: words)
        #expect(failure.isOfMissingStream)
    }

    @Test(arguments: [
        NATSFailure.refused(
            code: 500, errorCode: 10_012, description: "deliver policy can not be updated"),
        .refused(code: 400, errorCode: 10_026, description: "maximum consumers limit reached"),
        .timedOut("CONSUMER.CREATE"),
    ])
    func `has its stream where something else is wrong`(failure: NATSFailure) {
        #expect(!failure.isOfMissingStream)
    }
}
