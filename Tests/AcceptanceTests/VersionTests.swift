import Foundation
import LoadClient
import SagaCore
import Testing

/// Definitions that change or go while their sagas are under way.
@Suite(.serialized, .timeLimit(.minutes(5))) struct `A definition whose sagas are under way` {
    /// What becomes of the file.
    enum Change: String, CaseIterable, CustomTestStringConvertible {
        case changed, deleted
        var testDescription: String { rawValue }
    }

    /// How the daemon learns of it.
    enum Way: String, CaseIterable, CustomTestStringConvertible {
        case reloaded, restarted
        var testDescription: String { rawValue }
    }

    private static let count = 1000
    private static let callers = 4

    /// A parcel is packed, then shipped; both are awaited, so that no participant is needed.
    private static let first = """
        saga: parcel
        version: 1
        aggregate: {type: parcel, stream: PARCELS}
        key: ${input.number}
        steps:
          - step: pack
            await: that the parcel is packed
            timeout: 2h
            outcomes: {packed: {event: packed}, torn: {then: reject}}
          - step: ship
            await: that the parcel is shipped
            timeout: 2h
            outcomes: {shipped: {event: shipped}}
        finish: {completed: {event: arrived}}

        """

    /// It is weighed before, and shipping has another name.
    private static let second = """
        saga: parcel
        version: 2
        aggregate: {type: parcel, stream: PARCELS}
        key: ${input.number}
        steps:
          - step: weigh
            await: that the parcel is weighed
            timeout: 2h
            outcomes: {weighed: {event: weighed}}
          - step: send
            await: that the parcel is sent
            timeout: 3h
            outcomes: {sent: {event: sent}}
        finish: {completed: {event: delivered}}

        """

    /// Something must be there for a daemon to start.
    private static let other = """
        saga: letter
        version: 1
        steps:
          - step: post
            await: that the letter is posted
            timeout: 2h

        """

    @Test(arguments: Change.allCases, Way.allCases)
    func `leaves them on their version`(change: Change, way: Way) async throws {
        try await Site.run("versions-\(change)-\(way)") { site in
            var site = site
            site.programs.sagas = site.stage.path("sagas")
            let file = try site.write(Self.first, to: "sagas/parcel.yaml")
            try site.write(Self.other, to: "sagas/letter.yaml")
            let daemon = try site.dev([("dev-workers", "false")])
            try await daemon.startReady(within: Site.patience)
            let ids = try await startAll(daemon)
            try await report("pack", "packed", ids, daemon)
            #expect(try await running(daemon) == [1: Self.count])

            if way == .restarted { #expect(await daemon.stop() == .status(0)) }
            switch change {
            case .changed: try site.write(Self.second, to: "sagas/parcel.yaml")
            case .deleted: try FileManager.default.removeItem(atPath: file)
            }
            if way == .restarted { try await daemon.startReady(within: Site.patience) }
            try await untilKnown(change, daemon)
            #expect(try await running(daemon)[1] == Self.count)

            try await report("ship", "shipped", ids, daemon)
            try await expectEnds(of: ids, daemon)
            try await expectNewOnes(change, daemon)
            if change == .changed, way == .reloaded { try await expectRefusal(site, daemon) }
            #expect(await daemon.stop() == .status(0))
        }
    }

    // MARK: Parts of it

    /// Runs the body for every number, several at a time, each with a caller of its own.
    private func each<Result: Sendable>(
        _ daemon: Daemon, _ body: @escaping @Sendable (Int, Caller) async throws -> Result
    ) async throws -> [Result] {
        try await withThrowingTaskGroup(of: [(Int, Result)].self) { group in
            for lane in 0..<Self.callers {
                group.addTask {
                    let caller = Caller(port: daemon.port)
                    var results: [(Int, Result)] = []
                    for number in stride(from: lane, to: Self.count, by: Self.callers) {
                        results.append((number, try await body(number, caller)))
                    }
                    return results
                }
            }
            let all = try await group.reduce(into: []) { $0 += $1 }
            return all.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func startAll(_ daemon: Daemon) async throws -> [String] {
        try await each(daemon) { number, caller in
            let response = try await caller.call(
                .post("/api/sagas/parcel", ["number": .string("p-\(number)")]))
            try #require(response.status == 201, "\(response.text)")
            return try #require(try response.json()["id"]?.text)
        }
    }

    private func report(
        _ step: String, _ outcome: String, _ ids: [String], _ daemon: Daemon
    ) async throws {
        _ = try await each(daemon) { number, caller in
            let response = try await caller.call(
                .post(
                    "/api/sagas/\(ids[number])/steps/\(step)/outcome",
                    ["outcome": .string(outcome), "by": "depot"]))
            try #require(response.status == 200, "\(response.text)")
        }
    }

    /// How many parcels have not ended, by version.
    private func running(_ daemon: Daemon) async throws -> [Int: Int] {
        let response = try await Caller(port: daemon.port).call(.get("/api/definitions/parcel"))
        let versions = try response.json()["versions"]?.elements ?? []
        let counts = versions.compactMap { version in
            version["version"]?.whole.map { (Int($0), Int(version["running"]?.whole ?? -1)) }
        }
        return Dictionary(uniqueKeysWithValues: counts)
    }

    /// Waits until the daemon knows of the change.
    private func untilKnown(_ change: Change, _ daemon: Daemon) async throws {
        let caller = Caller(port: daemon.port)
        try await eventually(within: Site.patience, "the daemon knows what was \(change)") {
            let one = try await caller.call(.get("/api/definitions/parcel")).json()
            switch change {
            case .changed: return one["version"]?.whole == 2
            case .deleted: return one["offered"]?.truth == false
            }
        }
    }

    private func expectEnds(of ids: [String], _ daemon: Daemon) async throws {
        let ends = try await each(daemon) { number, caller in
            let path = "/api/sagas/\(ids[number])"
            let saga = try await caller.call(.get(path)).json()
            let events = try await caller.call(.get("\(path)/events")).json()
            let types = (events["items"]?.elements ?? []).compactMap { $0["type"]?.text }
            return [saga["status"]?.text ?? "", "\(saga["version"]?.whole ?? 0)"] + types
        }
        let expected = ["completed", "1", "PARCELS.packed", "PARCELS.shipped", "PARCELS.arrived"]
        #expect(ends.filter { $0 != expected } == [])
        #expect(ends.count == Self.count)
        #expect(try await running(daemon)[1] == 0)
    }

    private func expectNewOnes(_ change: Change, _ daemon: Daemon) async throws {
        let caller = Caller(port: daemon.port)
        let new = try await caller.call(.post("/api/sagas/parcel", ["number": "new"]))
        switch change {
        case .changed:
            let saga = try new.json()
            #expect(saga["version"]?.whole == 2)
            #expect(saga["waits"]?.elements?.compactMap { $0["step"]?.text } == ["weigh"])
        case .deleted:
            #expect(new.status == 404)
            #expect(new.text.contains("there is no definition 'parcel': there is letter"))
        }
    }

    /// The version that runs now is written anew with other content: nothing changes but the log,
    /// which says what differs.
    private func expectRefusal(_ site: Site, _ daemon: Daemon) async throws {
        let changed = Self.second.replacing("timeout: 3h", with: "timeout: 4h")
        try site.write(changed, to: "sagas/parcel.yaml")
        try await eventually(within: Site.patience, "the daemon refuses the change") {
            daemon.log.contains { $0.contains("has run with other content") }
        }
        let told = daemon.log.joined(separator: "\n")
        #expect(told.contains("the definitions stay as they were"))
        #expect(told.contains("version 2 of saga 'parcel'"))
        #expect(told.contains("3h") && told.contains("4h"))
        #expect(told.contains("fix: write `version: 3`"))
        let caller = Caller(port: daemon.port)
        let next = try await caller.call(.post("/api/sagas/parcel", ["number": "next"]))
        #expect(try next.json()["version"]?.whole == 2)
    }
}
