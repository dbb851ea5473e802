import Foundation
import Logging
import SagaCore
import SagaRuntime
import SagaTestKit
import Testing

@testable import SagaAPI

@Suite struct `The routes of faults` {
    private func rig() -> Rig {
        var rig = Rig()
        rig.api.faultRules = FaultBoard(
            store: rig.store, catalog: rig.door.catalog, clock: FixedClock(),
            language: FaultLanguage(
                duration: { $0 == "30s" ? .seconds(30) : nil },
                condition: { text, _ in .failure(UnusableCondition("'\(text)' is none")) },
                document: { text in
                    text == "timeout"
                        ? .success(["name": "lost", "timeout": true, "by": "anna"])
                        : .failure(UnreadableFault("body:1:1: expected timeout"))
                }),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        return rig
    }

    @Test func `set, list and remove rules`() async throws {
        let (set, list, gone, again, empty) = try await rig().serve { rig in
            (
                try await rig.post(
                    "/api/faults",
                    #"{"name":"lost","saga":"order","step":"payment","timeout":true,"for":"30s","by":"anna"}"#
                ),
                try await rig.send("GET", "/api/faults"),
                try await rig.send("DELETE", "/api/faults/lost"),
                try await rig.send("DELETE", "/api/faults/lost"),
                try await rig.send("GET", "/api/faults")
            )
        }
        let rule =
            #"{"name":"lost","saga":"order","step":"payment","timeout":true,"until":"2026-01-02T03:04:35Z","set_by":"anna","set_at":"2026-01-02T03:04:05Z","struck":0,"active":true}"#
        #expect(set.status == 201)
        #expect(set.fields["location"] == "/api/faults/lost")
        #expect(set.body == rule)
        #expect(list == .json(200, #"{"items":[\#(rule)],"after":null}"#))
        #expect(gone.status == 204)
        #expect(again.status == 404)
        #expect(again.body.contains("urn:sagad:problem:unknown-fault"))
        #expect(empty == .json(200, #"{"items":[],"after":null}"#))
    }

    @Test func `show a rule that is over as one that strikes no more`() async throws {
        let list = try await rig().serve { rig in
            for (name, expiresAt) in [("over", noon), ("set", noon + .seconds(1))] {
                try await rig.store.put(
                    StoredFault(
                        generation: FaultGeneration(name: name, setAt: noon + .seconds(-60)),
                        rule: #"{"name":"\#(name)","saga":"order","timeout":true}"#,
                        setBy: "anna", expiresAt: expiresAt))
            }
            return try await rig.send("GET", "/api/faults")
        }
        let rules = list.body.components(separatedBy: "},{")
        #expect(rules.map { $0.contains(#""active":true"#) } == [false, true], "\(list.body)")
    }

    @Test func `refuse what is no rule, with every place`() async throws {
        let (wrong, nobody) = try await rig().serve { rig in
            (
                try await rig.post(
                    "/api/faults", #"{"name":"X","saga":"order","step":"pay","bus":"x","by":"a"}"#),
                try await rig.post("/api/faults", #"{"name":"x","timeout":true}"#)
            )
        }
        #expect(wrong.status == 422)
        for pointer in ["/name", "/step", "/bus"] {
            #expect(wrong.body.contains(#""pointer":"\#(pointer)""#), "\(wrong.body)")
        }
        #expect(nobody.status == 422)
        #expect(nobody.body.contains(#""pointer":"/by""#))
    }

    @Test(arguments: ["application/yaml", "application/x-yaml; charset=utf-8", "text/yaml"])
    func `take a rule in YAML, too`(type: String) async throws {
        let (set, wrong, other) = try await rig().serve { rig in
            (
                try await rig.post("/api/faults", "timeout", ["Content-Type": type]),
                try await rig.post("/api/faults", "else", ["Content-Type": type]),
                try await rig.post("/api/orders", "timeout", ["Content-Type": type])
            )
        }
        #expect(set.status == 201)
        #expect(set.fields["location"] == "/api/faults/lost")
        #expect(wrong.status == 400)
        #expect(wrong.body.contains("body:1:1: expected timeout"))
        #expect(other.status == 415)
    }

    @Test func `answer 403 with the setting where faults are off`() async throws {
        let answers = try await Rig().serve { rig in
            [
                try await rig.send("GET", "/api/faults"),
                try await rig.post("/api/faults", "{}"),
                try await rig.send("DELETE", "/api/faults/lost"),
                try await rig.post("/api/orders", "{}", ["Saga-Fault": "lost"]),
                try await rig.post("/api/sagas/refund", "{}", ["Saga-Fault": "lost"]),
            ]
        }
        #expect(answers.map(\.status) == [403, 403, 403, 403, 403])
        for answer in answers { #expect(answer.body.contains("faults.enabled")) }
    }

    @Test func `take no other method`() async throws {
        let (put, one) = try await rig().serve { rig in
            (try await rig.send("PUT", "/api/faults"), try await rig.send("GET", "/api/faults/x"))
        }
        #expect(put.status == 405)
        #expect(put.fields["allow"] == "GET, HEAD, POST")
        #expect(one.status == 405)
        #expect(one.fields["allow"] == "DELETE")
    }

    @Test func `have a start's header name rules that may strike it`() async throws {
        let rig = rig()
        let answers = try await rig.serve { rig in
            for name in ["lost", "late"] {
                _ = try await rig.post(
                    "/api/faults",
                    #"{"name":"\#(name)","saga":"order","timeout":true,"by":"anna"}"#)
            }
            return [
                try await rig.post("/api/orders", "{}", ["Saga-Fault": "lost, late"]),
                try await rig.post("/api/sagas/order", "{}", ["Saga-Fault": "lost"]),
                try await rig.post("/api/orders", "{}", ["Saga-Fault": "lost, other"]),
                try await rig.post("/api/orders", "{}", ["Saga-Fault": ""]),
                try await rig.post("/api/notes", "{}", ["Saga-Fault": "lost"]),
                try await rig.post("/api/orders", "{}"),
            ]
        }
        #expect(answers.map(\.status) == [201, 201, 400, 400, 400, 201])
        #expect(answers[2].body.contains("there is no rule 'other'"))
        #expect(answers[4].body.contains("is for the saga 'order', not for 'note'"))
        #expect(rig.door.starts.map(\.faults) == [["lost", "late"], ["lost"], []])
    }
}

@Suite struct `A journal with strikes` {
    @Test func `shows each behind the row of the version that the saga had`() async throws {
        let rig = Rig()
        let identity = SagaIdentity(
            id: sagaID(1), name: "order", definitionVersion: 1, key: "o-1")
        rig.store.put(identity, state: SagaState(started: identity))
        for version in 1...3 {
            rig.store.addJournal(sagaID(1), version: Int64(version), #"{"version":\#(version)}"#)
        }
        for (number, version) in [(0, 0), (1, 1), (2, 3)] {
            rig.store.strike(
                FaultStrike(
                    id: sagaID(9), sagaID: sagaID(1), sagaVersion: Int64(version), at: noon,
                    rule: "r\(number)", detail: "{}"))
        }
        let (all, first, second) = try await rig.serve { rig in
            let path = "/api/sagas/\(sagaID(1))/journal"
            return (
                try await rig.send("GET", path), try await rig.send("GET", "\(path)?limit=2"),
                try await rig.send("GET", "\(path)?limit=2&after=2")
            )
        }
        func rows(_ response: RawResponse) throws -> [String] {
            let items = try Value(json: response.body)["items"]?.elements ?? []
            return items.map { row in
                row["entries"]?.elements?.first?["rule"]?.text ?? "\(row["version"]?.whole ?? 0)"
            }
        }
        #expect(try rows(all) == ["r0", "1", "r1", "2", "3", "r2"])
        #expect(try rows(first) == ["r0", "1", "r1", "2"])
        #expect(try rows(second) == ["3", "r2"])
    }
}
