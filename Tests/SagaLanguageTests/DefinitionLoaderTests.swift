import SagaCore
import Testing

@testable import SagaLanguage

private func load(_ text: String) -> LoadResult {
    DefinitionLoader.load(canonical: text, file: "a.yaml")
}

private let small = """
    saga: order
    version: 1
    steps:
      - step: payment
        command: payments.debit
        with: {a: 1, b: "${input.b}"}
        timeout: 10s
        compensate: none

    """

@Suite struct `A definition's canonical form` {
    @Test func `does not change with comments, layout and the order of keys`() {
        let other = """
            # a comment
            steps: [{
              command: "payments.debit", step: 'payment',
              compensate: none,     timeout: 10s,
              with: {"a": 0x1, b: '${input.b}'}
            }]
            version: 1
            saga: >-
              order
            """
        #expect(load(other).definition != nil)
        #expect(load(other).canonicalText == load(small).canonicalText)
        #expect(load(other).hash == load(small).hash)
        #expect(load(small).hash.count == 32)
    }

    @Test(arguments: [
        ("version: 1", "version: 2"), ("timeout: 10s", "timeout: 11s"), ("a: 1", "a: \"1\""),
        ("{a: 1, b: \"${input.b}\"}", "{b: \"${input.b}\", a: 1}"),
    ])
    func `changes with the content`(from: String, to: String) {
        let changed = small.replacing(from, with: to)
        #expect(load(changed).definition != nil)
        #expect(load(changed).hash != load(small).hash)
    }

    @Test func `is JSON on one line`() throws {
        let result = load(small)
        #expect(try Value(json: result.canonicalText) == result.canonical)
        #expect(!result.canonicalText.contains("\n"))
    }

    @Test func `keeps every character through YAML`() throws {
        var body = "    with:\n"
        let odd: [UInt32] = [
            0, 7, 9, 10, 13, 0x1B, 0x7F, 0x85, 0x9F, 0x2028, 0x2029, 0xFEFF, 0x1F600,
        ]
        for code in odd {
            body += "      \"k\\U\(hex(code))\": \"v\\U\(hex(code))\"\n"
        }
        let text = "saga: order\nversion: 1\nsteps:\n  - step: a\n    command: a.b\n"
        let first = load(text + body + "    compensate: none\n")
        #expect(first.diagnostics == [])
        let second = load(first.canonicalText)
        #expect(second.diagnostics == [])
        #expect(second.definition == first.definition)
        #expect(second.definition?.steps[0].body == first.definition?.steps[0].body)
        #expect(first.canonical["steps"]?.elements?[0]["with"]?.members?.count == odd.count)
    }

    private func hex(_ code: UInt32) -> String {
        let digits = String(code, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    @Test func `must be as small as a file`() {
        let escaped = String(repeating: "\\x7f", count: 180_000)
        let result = load(small + "description: \"\(escaped)\"\n")
        #expect(result.diagnostics.map(\.code) == [.tooLarge])
        #expect(result.canonical == .null)
    }

    @Test func `has its schemas written in`() throws {
        let text = small + "intake: {path: /api/orders, schema: order.json}\n"
        let schema = "{\"properties\": {\"b\": {\"type\": \"string\"}}, \"type\": \"object\"}"
        let first = DefinitionLoader.load(text: text, file: "sagas/a.yaml") { name in
            name == "order.json" ? .success(schema) : .failure(UnreadableFile("no"))
        }
        #expect(first.diagnostics == [])
        #expect(
            first.canonical["intake"]?["schema"]
                == ["type": "object", "properties": ["b": ["type": "string"]]])
        let second = load(first.canonicalText)
        #expect(second.definition == first.definition)
        #expect(second.hash == first.hash)
    }
}

@Suite struct `A changed definition` {
    @Test func `is told place by place`() {
        let changed = small.replacing("timeout: 10s", with: "optional: true")
            .replacing("a: 1", with: "a: 2").replacing("version: 1", with: "version: 2")
        #expect(
            CanonicalDifference.lines(
                from: load(small).canonical, to: load(changed).canonical) == [
                    "version: was 1, is 2", "steps/0/with/a: was 1, is 2",
                    "steps/0/optional: is new, true", "steps/0/timeout: is gone, was \"10s\"",
                ])
    }

    @Test func `in the order of members only is told too`() {
        let changed = small.replacing(
            "{a: 1, b: \"${input.b}\"}", with: "{b: \"${input.b}\", a: 1}")
        let (old, new) = (load(small).canonical, load(changed).canonical)
        #expect(
            CanonicalDifference.lines(from: old, to: new)
                == ["steps/0/with: the same members in another order"])
        #expect(CanonicalDifference.lines(from: old, to: old) == [])
    }

    @Test func `in many places is told in part`() {
        let old = Value.list((0..<30).map { Value.double(Double($0)) })
        let new = Value.list((0..<30).map { Value.double(Double($0 + 1)) })
        let lines = CanonicalDifference.lines(from: old, to: new, limit: 5)
        #expect(lines.count == 6)
        #expect(lines.last == "and 25 more")
    }
}

@Suite struct `What a file leaves out` {
    @Test func `has the language's defaults`() throws {
        let definition = try #require(load(small).definition)
        #expect(definition.deadline == nil)
        #expect(definition.turnGrace == .seconds(30))
        #expect(definition.key == nil)
        #expect(definition.finish == Finish())
        let step = definition.steps[0]
        #expect(step.timeout == .seconds(10))
        #expect(step.retry == RetryPolicy())
        #expect(step.unknown == .compensate)
        #expect(step.failed == .reject)
        #expect(step.outcomes == [Outcome(name: "done")])
        #expect(step.compensation == nil)
    }

    @Test func `has the file's defaults where it has them`() throws {
        let text = """
            saga: order
            version: 1
            deadline: 1h
            defaults: {timeout: 5s, retry: {attempts: 7, initial: 1s}}
            steps:
              - step: one
                command: a.b
                compensate: {command: a.c, retry: {initial: 2s}}
              - step: two
                command: a.b
                retry: {factor: 3, jitter: 12.5%}
                compensate: {command: a.c}
              - step: three
                command: a.b
                retry: none
                compensate: {command: a.c, timeout: 1m, retry: none, blocks: true}
              - step: four
                command: a.b
                retry: forever
                compensate: none
            """
        let steps = try #require(load(text).definition?.steps)
        #expect(steps[0].timeout == .seconds(5))
        #expect(steps[0].retry == RetryPolicy(attempts: 7, initial: .seconds(1)))
        #expect(
            steps[0].compensation
                == Compensation(
                    subject: "a.c", timeout: .seconds(5),
                    retry: RetryPolicy(attempts: nil, initial: .seconds(2))))
        #expect(
            steps[1].retry
                == RetryPolicy(attempts: 7, initial: .seconds(1), factor: 3, jitter: 0.125))
        #expect(steps[1].compensation?.retry == .forever)
        #expect(steps[2].retry.attempts == 1)
        #expect(
            steps[2].compensation
                == Compensation(
                    subject: "a.c", timeout: .seconds(60), retry: RetryPolicy.none, blocks: true))
        #expect(steps[3].retry == RetryPolicy(attempts: nil, initial: .seconds(1)))
    }

    @Test func `depends on the side of the pivot`() throws {
        let text = """
            saga: order
            version: 1
            defaults: {retry: {initial: 1s}}
            steps:
              - step: before
                command: a.b
                compensate: none
              - step: pivot
                command: a.b
                pivot: true
                unknown: {probe: a.status, every: 2s, for: 1m, otherwise: stuck}
              - step: after
                command: a.b
              - step: bounded
                command: a.b
                retry: {attempts: 3}
              - step: optional
                command: a.b
                optional: true
                retry: none
                compensate: none
            """
        let result = load(text)
        #expect(result.diagnostics == [])
        let steps = try #require(result.definition?.steps)
        #expect(steps.map(\.isPivot) == [false, true, false, false, false])
        #expect(steps.map(\.retry.attempts) == [5, 5, nil, 3, 1])
        #expect(steps.prefix(4).allSatisfy { $0.retry.initial == .seconds(1) })
        let probe = ProbePolicy(
            subject: "a.status", every: .seconds(2), for: .seconds(60), otherwise: .stuck)
        #expect(
            steps.map(\.unknown) == [.compensate, .probe(probe), .stuck, .stuck, .compensate])
        #expect(steps.map(\.failed) == [.reject, .reject, .stuck, .stuck, .reject])
    }
}

@Suite struct `A document that the intake takes` {
    @Test func `is an object, whatever the schema says of it`() throws {
        let bare = load(small + "intake: {path: /api/orders}\n")
        #expect(bare.definition?.intake?.schema?.accepts(["a": 1]) == true)
        #expect(bare.definition?.intake?.schema?.accepts([1]) == false)
        let written = load(small + "intake: {path: /api/orders, schema: {required: [b]}}\n")
        #expect(written.definition?.intake?.schema?.accepts([]) == false)
        #expect(written.definition?.intake?.schema?.accepts(["b": 1]) == true)
    }
}
