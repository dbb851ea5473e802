@testable import SagaCore
import Testing

@Suite struct `A technical failure` {
    @Test func `is tried again after a backoff that grows and is spread by jitter`() throws {
        var story = try Story(Sample.order())
        story.jitter = 1.0
        let open = try #require(story.open("payment"))
        let failed = try story.when(story.reply(to: "payment", .retriable))
        #expect(
            failed.entries == [
                .attemptFailed(
                    open.id, "payment", attempt: 1,
                    .error(code: "gateway-down", message: "try later")),
                .retryScheduled(
                    open.id, at: story.now, dueAt: story.now + .milliseconds(240)),
            ])
        #expect(failed.effects.isEmpty)
        let again = try story.after(.milliseconds(240))
        #expect(
            again.entries == [
                .attemptSent(
                    open.id, attempt: 2, at: story.now, dueAt: story.now + .seconds(10),
                    resendAt: story.now + .seconds(30))
            ])
        #expect(again.commands == ["payments.debit#2"])
    }

    @Test func `counts a timeout as one, and keeps the command's identity`() throws {
        var story = try Story(Sample.order())
        let id = try #require(story.open("payment")).id
        let timedOut = try story.after(.seconds(10))
        #expect(
            timedOut.entries == [
                .attemptFailed(id, "payment", attempt: 1, .timeout),
                .retryScheduled(id, at: story.now, dueAt: story.now + .milliseconds(200)),
            ])
        try story.after(.milliseconds(200))
        #expect(story.open("payment")?.id == id)
        #expect(story.open("payment")?.attempt == 2)
    }

    @Test func `comes after thirty seconds in every attempt, where nothing says when`() throws {
        let step = Step(
            name: "mail", work: .command(subject: "mails.send", body: nil), timeout: nil,
            retry: RetryPolicy(attempts: 2), unknown: .stuck)
        var story = try Story(
            SagaDefinition(name: "mail", version: 1, nodes: [Node(body: .step(step))]))
        #expect(story.open("mail")?.dueAt == story.now + .seconds(30))
        try story.after(.seconds(30))
        try story.after(.milliseconds(200))
        #expect(story.open("mail")?.attempt == 2)
        #expect(story.open("mail")?.dueAt == story.now + .seconds(30))
    }

    @Test func `is settled by an outcome of an earlier attempt`() throws {
        var story = try Story(Sample.order())
        let first = story.reply(to: "payment", Sample.debited)
        try story.after(.seconds(10))
        try story.when(first)
        #expect(story.state.steps["payment"]?.phase == .completed)
        #expect(story.open("review") != nil)
    }

    @Test func `is not counted twice by an error of an attempt that is over`() throws {
        var story = try Story(Sample.order())
        let first = story.reply(to: "payment", .retriable)
        try story.when(first)
        let second = story.verdict(first)
        guard case .ignore = second else {
            Issue.record("expected it to be ignored, found \(second)")
            return
        }
    }

    @Test func `does nothing before its time`() throws {
        var story = try Story(Sample.order())
        story.now = story.now + .seconds(9)
        #expect(story.verdict(.due()) == .ignore("nothing is due yet"))
    }

    @Test(arguments: [
        (1, 0.5, 200), (2, 0.5, 400), (3, 0.5, 800), (10, 0.5, 10_000), (1, 0.0, 160),
        (1000, 1.0, 12_000),
    ])
    func `waits as the policy says`(failures: Int, random: Double, milliseconds: Int) {
        let wait = Sample.retry.wait(after: failures, jitter: random)
        #expect(wait == .milliseconds(milliseconds))
    }

    @Test(arguments: [(0.0, 0), (0.25, 100), (1.0, 400)])
    func `waits between nothing and twice as long where jitter is whole`(
        random: Double, milliseconds: Int
    ) {
        let wait = RetryPolicy(jitter: 1).wait(after: 1, jitter: random)
        #expect(wait == .milliseconds(milliseconds))
    }
}

@Suite struct `A step whose attempts are used up` {
    private func exhausted(_ definition: SagaDefinition) throws -> Story {
        var story = try Story(definition)
        for wait in [200, 400] {
            try story.after(.seconds(10))
            try story.after(.milliseconds(wait))
        }
        try story.after(.seconds(10))
        return story
    }

    @Test func `is compensated, since it may have happened`() throws {
        var story = try exhausted(Sample.order())
        #expect(story.last.commands == ["payments.void#1"])
        #expect(story.state.steps["payment"]?.phase == .unknown)
        #expect(story.state.failure?.kind == .timeout)
        try story.when(story.reply(to: "payment", .compensation, .done))
        #expect(story.last.events == ["paymentvoided", "rejected"])
        #expect(story.state.status == .compensated)
    }

    @Test func `waits for an operator where the file says stuck, and a late reply frees it`() throws
    {
        var story = try Story(Sample.order(unknown: .stuck))
        let late = story.reply(to: "payment", Sample.debited)
        for wait in [200, 400] {
            try story.after(.seconds(10))
            try story.after(.milliseconds(wait))
        }
        try story.after(.seconds(10))
        #expect(story.state.status == .stuck)
        #expect(story.state.nextDue == nil)
        try story.when(late)
        #expect(story.state.status == .running)
        #expect(story.open("review") != nil)
    }

    @Test func `is asked about where the file has a probe, and goes on with what it learns`() throws
    {
        let policy = ProbePolicy(
            subject: "payments.status", every: .seconds(2), for: .seconds(60),
            otherwise: .compensate)
        var story = try exhausted(Sample.order(unknown: .probe(policy)))
        #expect(story.last.commands == ["payments.status#1"])
        #expect(story.state.steps["payment"]?.phase == .probing)
        try story.when(story.reply(to: "payment", .probe, .outcome("pending")))
        let first = try #require(story.open("payment", .probe))
        try story.after(.seconds(2))
        let second = try #require(story.open("payment", .probe))
        #expect(first.id != second.id, "each probe is a new command")
        #expect(second.originalID == story.state.steps["payment"]?.commandID)
        try story.when(story.reply(to: "payment", .probe, Sample.debited))
        #expect(story.last.events == ["paymentdebited"])
        #expect(story.open("review") != nil)
    }

    @Test func `has failed where the probe is answered never`() throws {
        let policy = ProbePolicy(
            subject: "payments.status", every: .seconds(2), for: .seconds(60),
            otherwise: .compensate)
        var story = try exhausted(Sample.order(unknown: .probe(policy)))
        try story.when(story.reply(to: "payment", .probe, .outcome("never")))
        #expect(story.state.status == .compensated)
        #expect(story.last.commands.isEmpty)
        #expect(story.state.steps["payment"]?.phase == .failed)
    }

    @Test func `is compensated where the probes find nothing out`() throws {
        let policy = ProbePolicy(
            subject: "payments.status", every: .seconds(2), for: .seconds(5),
            otherwise: .compensate)
        var story = try exhausted(Sample.order(unknown: .probe(policy)))
        try story.after(.seconds(2))
        try story.after(.seconds(2))
        try story.after(.seconds(2))
        #expect(story.last.commands == ["payments.void#1"])
        #expect(story.state.steps["payment"]?.phase == .unknown)
    }
}

@Suite struct `A command in flight` {
    @Test func `is sent again under its attempt, later and later`() throws {
        var story = try Story(Sample.order())
        try story.when(story.reply(to: "payment", Sample.debited))
        let id = try #require(story.open("review")).id
        let first = try story.after(.seconds(30))
        #expect(
            first.entries == [.resent(id, resend: 1, resendAt: story.now + .seconds(60))])
        #expect(first.commands == ["reviews.review#1"])
        guard case .send(let sent)? = first.effects.first else { return }
        #expect(sent.messageID == "\(id).1.1")
        let second = try story.after(.seconds(60))
        #expect(
            second.entries == [.resent(id, resend: 2, resendAt: story.now + .seconds(120))])
    }

    @Test func `is not sent again while its message lies in the stream`() throws {
        var story = try Story(Sample.order())
        try story.when(story.reply(to: "payment", Sample.debited))
        let id = try #require(story.open("review")).id
        story.now = story.now + .seconds(30)
        #expect(story.verdict(.due(unconsumed: [id])) == .ignore("nothing is due yet"))
    }

    @Test func `is sent again at once by a daemon that takes over`() throws {
        var story = try Story(Sample.order())
        let id = try #require(story.open("payment")).id
        let taken = try story.when(.takenOver)
        #expect(
            taken.entries == [.resent(id, resend: 1, resendAt: story.now + .seconds(30))])
        #expect(taken.commands == ["payments.debit#1"])
    }

    @Test func `is sent again as soon, however many daemons have taken over`() throws {
        var story = try Story(Sample.order())
        let id = try #require(story.open("payment")).id
        for _ in 1...9 {
            story.now = story.now + .seconds(1)
            try story.when(.takenOver)
        }
        #expect(
            story.last.entries == [.resent(id, resend: 9, resendAt: story.now + .seconds(30))])
    }
}
