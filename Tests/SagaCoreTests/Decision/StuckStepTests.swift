@testable import SagaCore
import Testing

@Suite struct `A step that an operator is asked about` {
    private let policy = ProbePolicy(
        subject: "payments.status", every: .seconds(2), for: .seconds(4), otherwise: .stuck)

    /// A payment that was probed twice, without an answer to either, and the two probes.
    private func probedTwice(
        failed: FailedPolicy = .reject
    ) throws -> (story: Story, first: Input, second: Input) {
        var story = try Story(Sample.order(unknown: .probe(policy), failed: failed))
        for wait in [200, 400] {
            try story.after(.seconds(10))
            try story.after(.milliseconds(wait))
        }
        try story.after(.seconds(10))
        let first = story.reply(to: "payment", .probe, .outcome("never"))
        try story.after(.seconds(2))
        return (story, first, story.reply(to: "payment", .probe, .outcome("never")))
    }

    private func late(_ story: Story, _ answer: Reply.Answer) throws -> Input {
        let id = try #require(story.state.steps["payment"]?.commandID)
        return .reply(Reply(commandID: id, attempt: 3, answer: answer))
    }

    @Test func `has failed where a final error comes late`() throws {
        var (story, _, _) = try probedTwice()
        try story.after(.seconds(2))
        #expect(story.phase("payment") == .stuck)
        try story.when(late(story, .final))
        #expect(
            story.last.entries.first
                == .stepFailed(
                    "payment", code: "no-account", message: "there is no such account"))
        #expect(story.state.status == .compensated)
    }

    @Test func `stays so where a retriable error comes late`() throws {
        var (story, _, _) = try probedTwice()
        try story.after(.seconds(2))
        #expect(
            try story.verdict(late(story, .retriable)) == .ignore("a late error of step payment"))
    }

    @Test func `has failed where a probe is answered never after all`() throws {
        var (story, first, _) = try probedTwice()
        try story.after(.seconds(2))
        try story.when(first)
        #expect(story.phase("payment") == .failed)
        #expect(story.state.status == .compensated)
    }

    @Test func `and has its final no takes none again`() throws {
        var (story, first, second) = try probedTwice(failed: .stuck)
        try story.when(second)
        #expect(story.phase("payment") == .stuck)
        #expect(story.verdict(first) == .ignore("a late answer to a probe of step payment"))
        #expect(try story.verdict(late(story, .final)) == .ignore("a late error of step payment"))
    }
}
