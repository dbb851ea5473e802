import Testing

@testable import NATS

@Suite struct `A window of pulls` {
    private let start = ContinuousClock.now

    private func window() -> PullWindow {
        var options = PullConsumer.Options()
        options.batch = 4
        options.capacity = 8
        return PullWindow(options: options, now: start)
    }

    @Test func `asks for one batch, and again only when nearly all of it came`() {
        var window = window()
        #expect(window.startPull(buffered: 0, at: start) == 1)
        #expect(window.startPull(buffered: 0, at: start) == nil)
        window.noteMessage(at: start)
        window.noteMessage(at: start)
        #expect(window.startPull(buffered: 0, at: start) == nil)
        window.noteMessage(at: start)
        #expect(window.startPull(buffered: 0, at: start) == 2)
        #expect(window.outstanding == 5)
    }

    @Test func `does not ask while the application holds what came`() {
        var window = window()
        #expect(window.startPull(buffered: 5, at: start) == nil)
        #expect(window.startPull(buffered: 4, at: start) == 1)
    }

    @Test func `counts what an ended pull did not send`() {
        var window = window()
        _ = window.startPull(buffered: 0, at: start)
        for _ in 0..<3 { window.noteMessage(at: start) }
        _ = window.startPull(buffered: 0, at: start)
        #expect(window.outstanding == 5)
        window.notePullEnded(1, unused: 1, at: start)
        #expect(window.outstanding == 4)
        window.notePullEnded(2, unused: nil, at: start)
        #expect(window.outstanding == 0)
    }

    @Test func `ignores the end of a pull it does not know`() {
        var window = window()
        _ = window.startPull(buffered: 0, at: start)
        window.notePullEnded(99, unused: 4, at: start)
        #expect(window.outstanding == 4)
    }

    @Test func `waits longer after each refusal, and not at all after a sign of life`() {
        var window = window()
        _ = window.startPull(buffered: 0, at: start)
        #expect(window.noteRefused(at: start) == .milliseconds(250))
        #expect(window.startPull(buffered: 0, at: start) == nil)
        let later = start + .milliseconds(250)
        #expect(window.startPull(buffered: 0, at: later) == 2)
        #expect(window.noteRefused(at: later) == .milliseconds(500))
        for _ in 0..<9 { _ = window.noteRefused(at: later) }
        #expect(window.noteRefused(at: later) == .seconds(2))
        window.noteHeartbeat(at: later)
        #expect(window.noteRefused(at: later) == .milliseconds(250))
    }

    @Test func `is silent only while something was asked`() {
        var window = window()
        let later = start + .seconds(20)
        #expect(!window.isSilent(longerThan: .seconds(12), at: later))
        _ = window.startPull(buffered: 0, at: start)
        #expect(window.isSilent(longerThan: .seconds(12), at: later))
        window.noteHeartbeat(at: start + .seconds(10))
        #expect(!window.isSilent(longerThan: .seconds(12), at: later))
        window.forgetPulls()
        #expect(window.startPull(buffered: 0, at: later) == 2)
    }
}
