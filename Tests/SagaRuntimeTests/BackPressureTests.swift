import SagaCore
import SagaTestKit
import Testing

@testable import SagaRuntime

@Suite struct `A coordinator whose commits take long` {
    private let workshop: Workshop
    /// The first batch has come to the store.
    private let asked = AsyncStream<Void>.makeStream()
    /// The store may go on.
    private let leave = AsyncStream<Void>.makeStream()

    init() {
        var limits = CoordinatorLimits()
        limits.queue = 8
        var other = Workshop.order
        other.name = "other"
        workshop = Workshop(limits: limits, definitions: [Workshop.order, other])
        workshop.store.beforeNext(.start) { [asked, leave] in
            asked.continuation.yield()
            for await _ in leave.stream { return }
        }
    }

    private func start(_ name: String) async -> Result<StartedSaga, StartProblem> {
        let body: Value = ["amount": 19]
        let request = StartRequest(
            definition: name, body: body, digest: SHA256.digest(of: body.jsonBytes),
            idempotencyKey: nil)
        do {
            return .success(try await workshop.coordinator.start(request))
        } catch let problem as StartProblem {
            return .failure(problem)
        } catch {
            preconditionFailure("A start fails as a StartProblem: \(error)")
        }
    }

    @Test func `refuses orders before their queue grows, and still takes another definition's`()
        async throws
    {
        try await workshop.running { _ in
            await withTaskGroup(of: Result<StartedSaga, StartProblem>.self) { group in
                group.addTask { await start("order") }
                for await _ in asked.stream { break }
                // The first is with the store, and four may wait.
                for _ in 1...20 { group.addTask { await start("order") } }
                for _ in 1...16 {
                    guard case .failure(.overloaded(let retryAfter)) = await group.next() else {
                        Issue.record("an order was taken over the bound")
                        continue
                    }
                    #expect(retryAfter == .seconds(1))
                }
                group.addTask { await start("other") }
                let inbox = workshop.coordinator.starter.inbox
                while inbox.count < 5 { await Task.yield() }
                leave.continuation.finish()
                var stored: [String] = []
                for await result in group {
                    stored.append((try? result.get().identity.name) ?? "refused")
                }
                #expect(stored.sorted() == ["order", "order", "order", "order", "order", "other"])
            }
        }
    }
}
