import FaultyWire
import Foundation
import PostgreSQL
import SagaCore
import SagaRuntime
import SagaTestKit
import Testing

@testable import CockroachStore

/// A commit that goes through ``WireProxy`` to a real PostgreSQL.
@Suite(.timeLimit(.minutes(5))) struct `A commit over a wire that fails` {
    /// An isolation, and what strikes one after the other.
    struct Weather: Sendable, CustomTestStringConvertible {
        var isolation: CockroachStore.Isolation
        var faults: [WireProxy.Fault]
        var testDescription: String { "\(isolation): \(faults)" }
    }

    static let storms: [[WireProxy.Fault]] = [
        [.cutBefore], [.cutAfter], [.stallBefore], [.stallAfter], [.refuse("40001")],
        [.refuse("40003")], [.commitAndRefuse("40003")],
        [.refuse("40001"), .refuse("40001"), .cutBefore],
        [.cutAfter, .cutAfter], [.refuse("40003"), .cutBefore, .commitAndRefuse("40003")],
    ]
    static let weathers: [Weather] = [CockroachStore.Isolation.readCommitted, .serializable]
        .flatMap { isolation in storms.map { Weather(isolation: isolation, faults: $0) } }

    private let first = Sample.transition(
        1, expecting: 1, note: "first",
        events: [Sample.event("e-1"), Sample.event("e-2", of: "b"), Sample.event("e-3")])
    private let rival = Sample.transition(
        1, expecting: 1, note: "rival", events: [Sample.event("e-9")])

    @Test(arguments: weathers)
    func `is stored once, and says so`(weather: Weather) async throws {
        try await Rig.with(weather.isolation) { rig in
            try await rig.direct.expectStarted([Sample.start(1), Sample.start(2)])
            rig.strike(weather.faults)
            let answers = try await rig.store.commit([
                first, Sample.transition(2, expecting: 1),
            ])
            #expect(
                answers == [
                    .committed(eventVersions: [1, 1, 2]), .committed(eventVersions: []),
                ])
            #expect(rig.proxy.struck == weather.faults)
            #expect(try await rig.journal() == [first.journal])
            #expect(try await rig.count("SELECT count(*)::INT8 FROM events") == 3)
            #expect(try await rig.direct.version(of: 2) == 2)
            #expect(try await rig.store.commit([rival]) == [.conflict])
        }
    }

    @Test(arguments: weathers)
    func `of a start is stored once, and says so`(weather: Weather) async throws {
        try await Rig.with(weather.isolation) { rig in
            let start = Sample.start(1, events: [Sample.event("e-1")], claim: Sample.claim("c"))
            rig.strike(weather.faults)
            let answers = try await rig.store.start([start])
            #expect(answers == [.started(eventVersions: [1])])
            #expect(rig.proxy.struck == weather.faults)
            #expect(try await rig.count("SELECT count(*)::INT8 FROM sagas") == 1)
            #expect(try await rig.count("SELECT count(*)::INT8 FROM events") == 1)
        }
    }

    /// The rival commits while the fault is held: whoever tries again must not take it for its own.
    @Test(arguments: weathers.filter { $0.faults.count == 1 && !$0.faults[0].commits })
    func `is a conflict where a rival came first`(weather: Weather) async throws {
        try await Rig.with(weather.isolation) { rig in
            try await rig.direct.expectStarted([Sample.start(1)])
            rig.proxy.holdNext()
            rig.strike(weather.faults)
            async let lost = rig.store.commit([first])
            await rig.proxy.untilStruck()
            #expect(try await rig.direct.commit([rival]) == [.committed(eventVersions: [1])])
            rig.proxy.letGo()
            #expect(try await lost == [.conflict])
            #expect(try await rig.journal() == [rival.journal])
        }
    }

    @Test(arguments: weathers.filter { $0.faults.count == 1 && $0.faults[0].commits })
    func `is known as its own although another transition followed`(
        weather: Weather
    ) async throws {
        try await Rig.with(weather.isolation) { rig in
            try await rig.direct.expectStarted([Sample.start(1)])
            rig.strike(weather.faults)
            // It is stored before its answer is lost; what follows it comes in before it is asked
            // again, or after: its own it is either way.
            async let lost = rig.store.commit([first])
            let follower = Sample.transition(1, expecting: 2)
            while try await rig.direct.commit([follower]) == [.conflict] {}
            #expect(try await lost == [.committed(eventVersions: [1, 1, 2])])
            #expect(try await rig.direct.version(of: 1) == 3)
        }
    }

    @Test func `passes through unharmed where no fault strikes`() async throws {
        try await Rig.with(.serializable) { rig in
            try await rig.store.expectStarted([Sample.start(1)])
            #expect(
                try await rig.store.commit([first]) == [.committed(eventVersions: [1, 1, 2])])
            #expect(rig.proxy.struck.isEmpty)
        }
    }
}

/// A store that writes through a proxy, and one that goes straight to the server.
private struct Rig {
    let proxy: WireProxy
    let store: CockroachStore
    let direct: CockroachStore
    let database: TestDatabase

    static func with(
        _ isolation: CockroachStore.Isolation, _ body: (Rig) async throws -> Void
    ) async throws {
        try await TestDatabase.with { database in
            var parts = try #require(URLComponents(string: database.url))
            let port = UInt16(try #require(parts.port))
            // Starts and commits write a journal, and nothing else does.
            let proxy = WireProxy(to: port, striking: "INSERT INTO saga_journal")
            defer { proxy.stop() }
            parts.port = Int(proxy.port)
            var settings = ConnectionSettings(url: try #require(parts.string) + "&sslmode=disable")
            settings.isolation = isolation == .serializable ? .serializable : .readCommitted
            // A stall is over when the answer is no longer waited for.
            settings.statementTimeout = .seconds(5)
            settings.answerGrace = .seconds(1)
            let store = try CockroachStore(settings: settings)
            try await database.withStore(isolation) { direct in
                let rig = Rig(proxy: proxy, store: store, direct: direct, database: database)
                do {
                    try await body(rig)
                } catch {
                    await store.close()
                    throw error
                }
                await store.close()
            }
        }
    }

    func strike(_ faults: [WireProxy.Fault]) { for fault in faults { proxy.strike(fault) } }

    func count(_ sql: String) async throws -> Int64 { try await database.number(sql) }

    /// What was recorded of the first saga after its start.
    func journal() async throws -> [[UInt8]] {
        try await direct.journal(of: Sample.sagaID(1), after: 1, limit: 9).map(\.body)
    }
}
