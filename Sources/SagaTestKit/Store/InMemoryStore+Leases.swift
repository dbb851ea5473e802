package import SagaRuntime

extension InMemoryStore {
    /// The members and their leases, by the clock that the store was given.
    package func cluster() async throws -> Cluster {
        let clock = clock
        return try await run(.cluster) { $0.leases.cluster(at: clock.now()) }
    }

    /// Renews, takes and gives back, as the port says.
    package func claim(_ claim: LeaseClaim) async throws -> [ShardLease] {
        let clock = clock
        return try await run(.claim) { $0.leases.claim(claim, at: clock.now()) }
    }

    /// Ends a membership.
    package func leave(_ member: String) async throws {
        let clock = clock
        try await run(.leave) { $0.leases.leave(member, at: clock.now()) }
    }
}
