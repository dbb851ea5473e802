import FaultyWire
import LoadClient
import Survival
import Testing

/// The parts of `make survival` that came after the first, in small; each says how long it takes on
/// two cores that do nothing else.
@Suite(.serialized, .timeLimit(.minutes(10))) struct `Orders also survive` {
    /// About 8 s: thirty times all connections of the daemon are terminated.
    @Test func `connections that PostgreSQL terminates again and again`() async throws {
        var trial = Trial(.postgresql, .disconnects, orders: 300, seed: 20_264)
        trial.strikes = 30
        let report = try await survive(trial)
        #expect(report.evidence.struck.count == 30)
        #expect(report.sessions >= 30, "fewer connections than strikes were terminated")
    }

    /// More orders than end within the longest delay of a strike, 0.4 s: one finds some under way.
    private static let orders = 600

    /// About 15 s each: twice the broker is killed and comes back without its storage.
    @Test(arguments: StoreKind.allCases)
    func `a broker that is killed and loses its storage`(store: StoreKind) async throws {
        let report = try await survive(Trial(store, .wipes, orders: Self.orders, seed: 20_265))
        #expect(report.evidence.struck.count == 2)
        #expect(report.caught > 0, "no order was under way")
    }

    /// About 12 s each: the servers crash twice each.
    @Test(arguments: StoreKind.allCases)
    func `database and broker that crash`(store: StoreKind) async throws {
        let trial = Trial(store, .restarts, orders: Self.orders, seed: 20_266)
        let report = try await survive(trial)
        #expect(report.evidence.struck.count == trial.plan.count)
        #expect(report.caught > 0, "no order was under way")
    }

    /// About 15 s each: one of two daemons, or the only one, stands still for longer than its leases
    /// last.
    @Test(arguments: StoreKind.allCases)
    func `a daemon that stands still for eight seconds`(store: StoreKind) async throws {
        var trial = Trial(store, .stops, orders: 200, seed: 20_267)
        trial.strikes = 1
        trial.lasting = .seconds(8)
        let report = try await survive(trial)
        #expect(report.evidence.struck.count == 1)
        #expect(report.caught > 0, "no order was under way")
    }
}

/// Those that wait most, beside the others.
@Suite(.serialized, .timeLimit(.minutes(10))) struct `Orders survive, too,` {
    /// About 30 s: either of two daemons is killed four times, and then one stays away for 16 s.
    @Test func `two daemons of which one is killed and stays away`() async throws {
        var trial = Trial(.postgresql, .pairs, orders: 300, seed: 20_268)
        trial.strikes = 5
        trial.lasting = .seconds(16)
        // Ten on a quiet machine; orders that waited for the other daemon would take sixteen.
        trial.stillLimit = .seconds(15)
        let report = try await survive(trial, resend: "30s")
        #expect(report.evidence.struck.count == 5)
        #expect(report.longestStill > .zero, "no order was under way when one stayed away")
    }

    /// About 30 s each: for 5 s the broker's disk is full, once as a tmpfs where that may be mounted.
    @Test(arguments: [true, false])
    func `a full disk of the broker for five seconds`(mounting: Bool) async throws {
        var trial = Trial(.postgresql, .fills, orders: 200, seed: 20_269)
        trial.strikes = 1
        trial.lasting = .seconds(5)
        trial.mayMount = mounting
        let report = try await survive(trial)
        #expect(report.unpublished > 0, "everything could be published")
        if !mounting { #expect(report.evidence.disk == .limited) }
        print("the broker's full disk was \(report.evidence.disk?.rawValue ?? "never made")")
    }

    /// About 25 s: twelve commits are cut, falsified and, once, stalled for 15 s on the wire.
    @Test func `commits that are cut, stalled and falsified on the wire`() async throws {
        var trial = Trial(.postgresql, .cuts, orders: 300, seed: 20_270)
        trial.strikes = 12
        let report = try await survive(trial)
        #expect(report.evidence.cuts.count == 12, "some faults found no commit")
    }
}

/// Runs a trial whose lost commands come again soon, and that does not wait for what the broker
/// delivers again after 30 s.
private func survive(_ trial: Trial, resend: String = "3s") async throws -> SurvivalReport {
    var trial = trial
    trial.settings += [
        (name: "coordinator-resend", value: resend), (name: "streams-check", value: "500ms"),
    ]
    trial.awaitsLeftovers = false
    let report = try await trial.run(programs: Programs.findForTests())
    #expect(report.evidence.posted.count == trial.orders)
    #expect(report.isSound, "\(report.complaint)\nlogs: \(report.folder)")
    return report
}
