import Testing

@testable import Daemon

@Suite(.timeLimit(.minutes(1))) struct `A check of what the daemon needs` {
    @Test func `says so when there is no answer in time, and waits no longer`() async {
        let check = await Health.check("nats", within: .milliseconds(20)) {
            // A question that hears of no cancelling, as to a broker that hangs.
            await withUnsafeContinuation { (_: UnsafeContinuation<String, Never>) in }
        }
        #expect("\(check)".contains("no answer within 0.02 seconds"))
    }

    @Test func `says what the answer is`() async {
        let check = await Health.check("nats", within: .seconds(60)) { "connected" }
        #expect("\(check)".contains("connected"))
    }
}
