import SagaCore
import SagaTestKit
import Testing

@testable import SagaRuntime

/// A call to the store that says when it has come, and waits until it may go on.
private struct Halt {
    private let came = AsyncStream<Void>.makeStream()
    private let leave = AsyncStream<Void>.makeStream()

    var pass: @Sendable () async -> Void {
        { [came, leave] in
            came.continuation.yield()
            for await _ in leave.stream { return }
        }
    }

    func reached() async {
        for await _ in came.stream { return }
    }

    func letGo() { leave.continuation.finish() }
}

@Suite(.timeLimit(.minutes(5))) struct `Starts` {
    private let workshop: Workshop
    private let halt = Halt()

    init() {
        var limits = CoordinatorLimits()
        limits.batchTransitions = 6
        workshop = Workshop(limits: limits, definitions: [Workshop.order, Workshop.priced])
    }

    private var starts: Int { workshop.store.calls(of: .start) }

    @Test func `gather while a lane commits what has begun, and half fill commits after it`()
        async throws
    {
        workshop.approveEverything()
        workshop.store.beforeNext(.commit, run: halt.pass)
        try await workshop.running { workshop in
            let first = try await workshop.order()
            await halt.reached()
            try await withThrowingTaskGroup { group in
                for _ in 0..<5 { group.addTask { try await workshop.order() } }
                for _ in 0..<5000 { await Task.yield() }
                #expect(workshop.coordinator.starter.inbox.count == 5)
                #expect(starts == 1)
                halt.letGo()
                for try await saga in group {
                    #expect(try await workshop.end(of: saga).status == .completed)
                }
            }
            #expect(starts == 3)
            #expect(try await workshop.end(of: first).status == .completed)
        }
    }

    @Test func `that are being stored hold up no saga`() async throws {
        workshop.bus.participant(on: "payments.debit") { _ in .outcome("debited") }
        try await workshop.running { workshop in
            let first = try await workshop.order()
            try await workshop.passTime { try await workshop.events(of: first).count == 2 }
            workshop.store.beforeNext(.start, run: halt.pass)
            try await withThrowingTaskGroup { group in
                group.addTask { try await workshop.order() }
                await halt.reached()
                workshop.bus.participant(on: "reviews.review") { _ in .outcome("approved") }
                for _ in 0..<5000 { await Task.yield() }
                let record = try await workshop.store.load([first.identity.id]).first
                #expect(record?.status == .completed)
                halt.letGo()
                try await group.waitForAll()
            }
        }
    }

    private func price(_ body: Value) async throws -> StartedSaga {
        try await workshop.coordinator.start(
            StartRequest(
                definition: "priced", body: body, digest: SHA256.digest(of: body.jsonBytes)))
    }

    /// The refusal that a start ends in.
    private func refusal(
        of start: @Sendable () async throws -> StartedSaga
    ) async throws -> Refusal? {
        do {
            _ = try await start()
            return nil
        } catch StartProblem.refused(let refusal) {
            return refusal
        }
    }

    @Test func `that break the schema are refused at once, although others are being stored`()
        async throws
    {
        workshop.store.beforeNext(.start, run: halt.pass)
        try await workshop.running { workshop in
            try await withThrowingTaskGroup { group in
                group.addTask { try await workshop.order() }
                await halt.reached()
                let refusal = try await refusal { try await price(["unit": "box"]) }
                guard case .invalidInput(let violations) = refusal else {
                    Issue.record("no refusal by the schema: \(String(describing: refusal))")
                    return
                }
                #expect(violations.count == 1)
                #expect(workshop.coordinator.starter.inbox.count == 0)
                halt.letGo()
                try await group.waitForAll()
            }
        }
    }

    @Test func `that cannot be computed are refused, and the others of their batch are stored`()
        async throws
    {
        workshop.approveEverything()
        workshop.store.beforeNext(.start, run: halt.pass)
        try await workshop.running { workshop in
            try await withThrowingTaskGroup { group in
                group.addTask { _ = try await workshop.order() }
                await halt.reached()
                group.addTask {
                    let refusal = try await refusal { try await price(["amount": 19]) }
                    guard case .notComputable(let members) = refusal else {
                        Issue.record("it was computed: \(String(describing: refusal))")
                        return
                    }
                    #expect(members.keys.sorted() == ["unit"])
                }
                group.addTask {
                    let saga = try await price(["amount": 19, "unit": "box"])
                    #expect(try await workshop.end(of: saga).status == .completed)
                }
                while workshop.coordinator.starter.inbox.count < 2 { await Task.yield() }
                halt.letGo()
                try await group.waitForAll()
            }
            #expect(starts == 2)
        }
    }
}
