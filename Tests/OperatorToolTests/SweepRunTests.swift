import LoadClient
import SagaTool
import Testing

@testable import OperatorTool

@Suite(.timeLimit(.minutes(5))) struct `A sweep` {
    private static let programs = Result { try Programs.findForTests() }

    /// Sweeps a definition that is shipped, on a daemon of the sweep's own.
    private func sweep(_ saga: String, _ arguments: String...) async throws -> Run {
        let programs = try Self.programs.get()
        return await sagactl(
            ["sweep", "\(programs.sagas)/\(saga).yaml", "--programs", programs.folder]
                + arguments)
    }

    @Test func `of the order saga ends well whatever strikes, in short`() async throws {
        let run = try await sweep("order", "--short")
        #expect(run.status == .fine, "\(run.output)\(run.problems)")
        #expect(run.output.contains("ended well"))
        for fault in ["crash after_commit", "lose_reply", "store lost_commit_answer"] {
            #expect(run.output.contains(fault))
        }
        #expect(run.output.contains("net to nothing"))
        #expect(!run.output.contains("the saga's own"), "\(run.output)")
    }

    @Test func `plays the participants that nobody has, across the daemon's end`() async throws {
        let run = try await sweep("trip", "--step", "car", "--fault", "crash before")
        #expect(run.status == .fine, "\(run.output)\(run.problems)")
        #expect(run.problems.contains("Plays the participants as trip"))
        #expect(run.output.contains("✓ 4 of 4 ended well"), "\(run.output)")
        #expect(run.output.contains("flight, hotel, car, charge, tickets, confirmation"))
    }

    @Test func `answers what people are asked, and cancels a saga to have it taken back`()
        async throws
    {
        let run = try await sweep("account", "--step", "card", "--fault", "duplicate")
        #expect(run.status == .fine, "\(run.output)\(run.problems)")
        #expect(run.output.contains("✓ 2 of 2 ended well"), "\(run.output)")
        #expect(run.output.contains("card.compensate"))
    }

    @Test func `does not wait for what comes in years`() async throws {
        let input = """
            {"subscription_id": "s-{n}", "customer_id": "c-1", "plan": "plus", "price": 89,
            "renews_on": "2090-03-01T08:00:00Z", "extends_to": "2091-03-01T08:00:00Z"}
            """
        let run = try await sweep("renewal", "--input", input)
        #expect(run.status == .findings)
        #expect(
            run.problems.contains("it waits at wait#1 until 2090-02-22 08:00:00"), "\(run.problems)"
        )
    }

    @Test func `needs another key for each saga`() async throws {
        let run = try await sweep("payout")
        #expect(run.status == .wrongUsage)
        #expect(run.problems.contains("write {n} into a text"))
        #expect(run.problems.contains(#""period":"2027-05-{n}""#))
    }

    @Test func `names the steps there are, and says at once that no daemon answers`() async throws {
        let step = try await sweep("order", "--step", "paymnt")
        #expect(step.status == .wrongUsage)
        #expect(step.problems.contains("order has no step 'paymnt': it has payment, review"))
        let away = try await sweep("order", "--server", "http://127.0.0.1:1")
        #expect(away.status == .unreachable)
    }
}
