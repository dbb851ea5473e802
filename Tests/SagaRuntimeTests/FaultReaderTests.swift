import SagaCore
import SagaRuntime
import SagaTestKit
import Testing

@Suite struct `The reader of rules of failures` {
    private static let now = Sample.epoch

    private func read(
        _ document: Value
    ) -> Result<(rule: FaultRule, document: Value), UnusableFault> {
        FaultReader.read(
            document, catalog: FaultLanguage.catalog, language: .spare, now: Self.now)
    }

    private func violations(_ document: Value) -> [String] {
        guard case .failure(let problem) = read(document) else { return [] }
        return problem.violations.map(\.pointer)
    }

    @Test func `reads a rule with everything`() throws {
        let (rule, document) = try read([
            "name": "lost-1", "saga": "order", "step": "payment", "kind": "compensation",
            "key": "o-1", "when": "${true}", "share": "12.5%", "times": 3, "for": "30s",
            "late_reply": "2s",
        ]).get()
        #expect(
            rule
                == FaultRule(
                    name: "lost-1", saga: "order", step: "payment", kind: .compensation,
                    key: "o-1", when: .literal(.bool(true)), share: 0.125, times: 3,
                    until: Sample.time(30), fault: .lateReply(.seconds(2))))
        #expect(document["until"] == "2026-01-01T00:00:30Z")
        #expect(document["for"] == nil)
        #expect(try read(document).get().rule == rule)
    }

    @Test(arguments: [
        (#""timeout":true"#, Fault.timeout),
        (#""lose_reply":true"#, .loseReply),
        (#""reorder":true"#, .reorder),
        (#""duplicate":3"#, .duplicate(3)),
        (#""delay":"2s""#, .delay(.seconds(2))),
        (#""late_reply":"30s""#, .lateReply(.seconds(30))),
        (#""crash":"after_publish""#, .crash(.afterPublish)),
        (#""store":"lost_commit_answer""#, .store(.lostCommitAnswer)),
        (#""store":"slow 500ms""#, .store(.slow(.milliseconds(500)))),
        (#""bus":"publish_refused""#, .bus(.publishRefused)),
        (
            #""error":{"code":"down","retriable":true}"#,
            .error(code: "down", message: "a fault was asked for", isRetriable: true)
        ),
        (
            #""saga":"order","step":"payment","outcome":"declined","data":{"a":1}"#,
            .outcome("declined", ["a": 1])
        ),
    ])
    func `reads what strikes`(members: String, fault: Fault) throws {
        let rule = try read(Value(json: #"{"name":"x",\#(members)}"#)).get().rule
        #expect(rule.fault == fault)
        #expect(rule.until == Self.now + .seconds(3600))
        #expect(rule.kind == .command)
    }

    @Test(arguments: [
        (#"{"timeout":true}"#, "/name"),
        (#"{"name":"No","timeout":true}"#, "/name"),
        (#"{"name":"x"}"#, ""),
        (#"{"name":"x","timeout":true,"reorder":true}"#, ""),
        (#"{"name":"x","timeout":false}"#, "/timeout"),
        (#"{"name":"x","timeout":true,"colour":1}"#, "/colour"),
        (#"{"name":"x","timeout":true,"saga":"nobody"}"#, "/saga"),
        (#"{"name":"x","timeout":true,"saga":"order","step":"pay"}"#, "/step"),
        (#"{"name":"x","timeout":true,"kind":"answer"}"#, "/kind"),
        (#"{"name":"x","timeout":true,"share":"101%"}"#, "/share"),
        (#"{"name":"x","timeout":true,"share":10}"#, "/share"),
        (#"{"name":"x","timeout":true,"times":0}"#, "/times"),
        (#"{"name":"x","timeout":true,"for":"soon"}"#, "/for"),
        (#"{"name":"x","timeout":true,"until":"2025-01-01T00:00:00Z"}"#, "/until"),
        (#"{"name":"x","timeout":true,"for":"1s","until":"2027-01-01T00:00:00Z"}"#, "/until"),
        (#"{"name":"x","timeout":true,"when":"${true}"}"#, "/when"),
        (#"{"name":"x","timeout":true,"saga":"order","when":"no"}"#, "/when"),
        (#"{"name":"x","outcome":"declined"}"#, "/outcome"),
        (#"{"name":"x","saga":"order","step":"payment","outcome":"paid"}"#, "/outcome"),
        (
            #"{"name":"x","saga":"order","step":"payment","kind":"compensation","outcome":"paid"}"#,
            "/outcome"
        ),
        (#"{"name":"x","error":"down"}"#, "/error"),
        (#"{"name":"x","error":{"code":"down"}}"#, "/error/retriable"),
        (#"{"name":"x","duplicate":1}"#, "/duplicate"),
        (#"{"name":"x","delay":"2h"}"#, "/delay"),
        (#"{"name":"x","crash":"later"}"#, "/crash"),
        (#"{"name":"x","store":"slow"}"#, "/store"),
        (#"{"name":"x","bus":"away"}"#, "/bus"),
        (#"{"name":"x","timeout":true,"data":{}}"#, "/data"),
    ])
    func `refuses what is no rule, and says where`(document: String, place: String) throws {
        #expect(violations(try Value(json: document)) == [place])
    }

    @Test func `tells everything that is wrong at once`() {
        let document: Value = ["name": "", "kind": "x", "share": "x", "times": "x", "bus": "x"]
        #expect(violations(document) == ["/name", "/kind", "/share", "/times", "/bus"])
    }
}

extension FaultLanguage {
    /// A language that knows seconds and hours, and the conditions that are always true.
    static let spare = FaultLanguage(
        duration: { text in
            if text.hasSuffix("ms") { return Int(text.dropLast(2)).map { .milliseconds($0) } }
            if text.hasSuffix("h") { return Int(text.dropLast()).map { .seconds($0 * 3600) } }
            return text.hasSuffix("s") ? Int(text.dropLast()).map { .seconds($0) } : nil
        },
        condition: { text, _ in
            text == "${true}"
                ? .success(.literal(.bool(true)))
                : .failure(UnusableCondition("must be ${true}, is '\(text)'"))
        },
        document: { _ in .failure(UnreadableFault("this language has no texts")) })

    /// The order saga alone.
    static var catalog: Catalog { catalog(of: [Workshop.order]) }

    static func catalog(of definitions: [SagaDefinition]) -> Catalog {
        let catalog = Catalog()
        catalog.replace(
            entries: definitions.map { Catalog.Entry(definition: $0, hash: [1]) },
            offered: definitions, active: nil)
        return catalog
    }
}
