import Testing

@testable import NATS

private func outcome(_ text: String) -> PublishOutcome {
    Array(text.utf8).withUnsafeBytes { PublishOutcome(acknowledgement: $0) }
}

@Suite struct `An acknowledgement of a published message` {
    @Test(arguments: [
        #"{"stream":"ORDERS","seq":12}"#, #"{"stream":"ORDERS", "seq":12}"#,
        #"{"seq":12,"stream":"ORDERS","duplicate":false}"#,
        #"{"stream":"ORDERS","domain":"hub","seq":12}"#,
        #"{"stream":"ORDERS","seq":12,"batch":{"size":2}}"#,
    ])
    func `is read in every form that servers write`(text: String) {
        #expect(outcome(text) == .stored(stream: "ORDERS", sequence: 12, duplicate: false))
    }

    @Test func `says that the message was there before`() {
        #expect(
            outcome(#"{"stream":"S","seq":3,"duplicate": true}"#)
                == .stored(stream: "S", sequence: 3, duplicate: true))
    }

    @Test func `is a refusal with JetStream's own code where it has one`() {
        let refusal = #"{"error":{"code":503,"err_code":10077,"description":"full"},"stream":"S"}"#
        #expect(outcome(refusal) == .refused(code: 10077, description: "full"))
        #expect(
            outcome(#"{"error":{"code":500}}"#) == .refused(code: 500, description: "no reason"))
    }

    @Test(arguments: ["", "{", "{}", "+OK", #"{"stream":"S"}"#, #"{"stream":"S","seq":"x"}"#])
    func `that cannot be read leaves the outcome unknown`(text: String) {
        guard case .unknown = outcome(text) else {
            Issue.record("read as \(outcome(text))")
            return
        }
    }
}

@Suite struct `The reply subject of a delivery` {
    @Test func `is read in the form of nine tokens`() {
        #expect(
            AckSubject("$JS.ACK.S.C.3.27.44.1700000000000000001.9")
                == AckSubject("$JS.ACK.hub.hash.S.C.3.27.44.1700000000000000001.9"))
        let place = AckSubject("$JS.ACK.S.C.3.27.44.1700000000000000001.9")
        #expect(place?.deliveryCount == 3)
        #expect(place?.streamSequence == 27)
        #expect(place?.storedAt == 1_700_000_000_000_000_001)
        #expect(place?.pending == 9)
    }

    @Test func `may have more tokens behind`() {
        #expect(AckSubject("$JS.ACK._.hash.S.C.1.2.3.4.5.random")?.streamSequence == 2)
        #expect(AckSubject("$JS.ACK._.hash.S.C.1.2.3.4.5.random.more")?.pending == 5)
    }

    @Test(arguments: ["", "_INBOX.a.1", "$JS.ACK.S.C.1.2.3.4", "$JS.ACK.S.C.x.2.3.4.5"])
    func `is not read where it is none`(subject: String) {
        #expect(AckSubject(subject) == nil)
    }
}

@Suite struct `A header` {
    private let headers = [("A", "1"), ("TraceParent", "x"), ("a", "2"), ("a", "3")]

    @Test func `is found by its exact name first, then without regard to case`() {
        #expect(firstHeader("a", in: headers) == "2")
        #expect(firstHeader("traceparent", in: headers) == "x")
        #expect(firstHeader("b", in: headers) == nil)
    }

    @Test func `is read from a stored message's block`() {
        let block = Array("NATS/1.0\r\nA: 1\r\nB:  two: 2\r\nA:\r\n\r\n".utf8)
        let read = parseHeaderBlock(block)
        #expect(read.map(\.0) == ["A", "B", "A"])
        #expect(read.map(\.1) == ["1", "two: 2", ""])
    }
}

@Suite struct `A subject` {
    @Test(arguments: ["a", "a.b-c", "$JS.API.INFO", "ORDERS.créé"])
    func `is good to publish on`(subject: String) { #expect(isSubject(subject)) }

    @Test(arguments: ["", ".", "a.", ".a", "a..b", "a b", "a.*", "a.>", "a\u{0}", "a\r\nb", "a\tb"])
    func `is refused`(subject: String) { #expect(!isSubject(subject)) }
}
