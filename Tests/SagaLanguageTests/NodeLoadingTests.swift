import SagaCore
import Testing

@testable import SagaLanguage

private let head = "saga: order\nversion: 1\n"

private func load(_ text: String) -> LoadResult {
    DefinitionLoader.load(canonical: head + text, file: "a.yaml")
}

private func nodes(_ text: String) throws -> [Node] {
    let result = load(text)
    #expect(result.diagnostics.rendered == "")
    return try #require(result.definition).nodes
}

private func send(_ name: String, _ subject: String = "a.b", body: Template? = nil) -> Node {
    Node(body: .step(Step(name: name, subject: subject, body: body)))
}

@Suite struct `A node as it is read` {
    @Test func `is a parallel with its branches in file order`() throws {
        let read = try nodes(
            """
            steps:
              - parallel:
                  right: [{step: one, command: a.b, compensate: none}]
                  left:
                    - wait: 5m
                    - step: two
                      command: a.c
                      compensate: none
                when: ${input.ready}
            """)
        let wait = Node(body: .wait(Wait(name: "wait#1", end: .after(.seconds(300)))))
        let branches = [
            Parallel.Branch(name: "right", nodes: [send("one")]),
            Parallel.Branch(name: "left", nodes: [wait, send("two", "a.c")]),
        ]
        let ready = Expression.field(.variable(.input), "ready")
        #expect(
            read == [
                Node(
                    condition: ready,
                    body: .parallel(Parallel(name: "parallel#1", branches: branches)))
            ])
    }

    @Test func `is an each with the language's defaults`() throws {
        let read = try nodes(
            """
            steps:
              - each: ${input.items}
                as: item
                steps: [{step: one, command: a.b, with: "${item}", compensate: none}]
              - {each: "${[1]}", as: number, at_most: 2, max: 5, steps: [{wait: 1s}]}
            """)
        let items = Expression.field(.variable(.input), "items")
        let one = send("one", body: .expression(.variable(.element("item"))))
        let wait = Node(body: .wait(Wait(name: "wait#1", end: .after(.seconds(1)))))
        let second = Each(
            name: "each#2", list: .list([.literal(.int(1))]), element: "number", nodes: [wait],
            atMost: 2, max: 5)
        #expect(
            read == [
                Node(
                    body: .each(
                        Each(
                            name: "each#1", list: items, element: "item", nodes: [one],
                            atMost: 16, max: 1000))),
                Node(body: .each(second)),
            ])
    }

    @Test func `is a timer for a while or until a time`() throws {
        let read = try nodes("steps: [{wait: 1h30m}, {until: \"${now}\"}]")
        #expect(
            read == [
                Node(body: .wait(Wait(name: "wait#1", end: .after(.seconds(5400))))),
                Node(body: .wait(Wait(name: "wait#2", end: .at(.variable(.now))))),
            ])
    }

    @Test func `is a question with all that it may say`() throws {
        let read = try nodes(
            """
            steps:
              - step: approval
                ask:
                  title: May ${key} go?
                  show: {amount: 5}
                  form: {type: object}
                  role: finance
                  not_by: ["${key}", "${input.by}"]
                  quorum: 2
                  remind: 4h
                  escalate: {after: 1d, role: head}
                timeout: 3d
                outcomes: {approved: {}, timeout: {then: reject}}
            """)
        let question = Question(
            title: .text([.text("May "), .expression(.variable(.key)), .text(" go?")]),
            show: .literal(["amount": 5]), form: Schema([.type([.object])]), role: "finance",
            excluded: [.variable(.key), .field(.variable(.input), "by")], quorum: 2,
            remind: .seconds(14_400),
            escalation: Question.Escalation(after: .seconds(86_400), role: "head"))
        let step = Step(
            name: "approval", work: .ask(question), timeout: .seconds(259_200), retry: .none,
            outcomes: [Outcome(name: "approved"), Outcome(name: "timeout", then: .reject)])
        #expect(read == [Node(body: .step(step))])
    }

    @Test func `is an awaited event, which takes no defaults`() throws {
        let read = try nodes(
            """
            deadline: 1d
            defaults: {timeout: 5s, retry: {attempts: 9}}
            steps:
              - {step: paid, await: the payment, compensate: {command: a.c}}
              - {step: sent, await: the parcel, timeout: 1h, unknown: stuck, optional: true}
            """)
        let paid = Step(
            name: "paid", work: .await("the payment"), timeout: nil, retry: .none,
            compensation: Compensation(subject: "a.c", timeout: .seconds(5)))
        let sent = Step(
            name: "sent", work: .await("the parcel"), timeout: .seconds(3600), retry: .none,
            unknown: .stuck, isOptional: true)
        #expect(read == [Node(body: .step(paid)), Node(body: .step(sent))])
    }

    @Test func `is a child that takes itself back`() throws {
        let read = try nodes(
            """
            aggregate: {type: order, stream: ORDERS}
            steps:
              - {step: one, saga: other}
              - step: two
                saga: other
                with: {a: 1}
                key: "${key}-2"
                timeout: 1d
                outcomes: {completed: {event: shipped}}
                compensate: {event: back, blocks: true}
              - {step: three, saga: other, compensate: none}
              - {step: four, saga: other, pivot: true, unknown: stuck}
              - {step: five, saga: other}
            """)
        let ends = [Outcome(name: "completed"), Outcome(name: "compensated", then: .reject)]
        let whole = Compensation(work: .child, timeout: nil)
        func child(_ name: String, _ child: Child = Child(saga: "other")) -> Step {
            Step(
                name: name, work: .child(child), timeout: nil, retry: .none, outcomes: ends)
        }
        var one = child("one")
        one.compensation = whole
        let key = Template.text([.expression(.variable(.key)), .text("-2")])
        var two = child("two", Child(saga: "other", body: .literal(["a": 1]), key: key))
        two.timeout = .seconds(86_400)
        two.outcomes[0].event = RaisedEvent(event: "shipped")
        two.compensation = Compensation(
            work: .child, timeout: nil, event: RaisedEvent(event: "back"), blocks: true)
        var four = child("four")
        four.isPivot = true
        four.unknown = .stuck
        var five = child("five")
        five.unknown = .stuck
        five.failed = .stuck
        let steps = [one, two, child("three"), four, five]
        #expect(read == steps.map { Node(body: .step($0)) })
    }
}

@Suite struct `The canonical form of nodes` {
    private let one = """
        steps:
          - parallel:
              left:
                - each: ${input.items}
                  as: item
                  max: 5
                  steps:
                    - step: ask
                      ask: {title: Really?, quorum: 2, escalate: {after: 1h, role: boss}}
                      timeout: 1d
                      outcomes: {yes: {}, timeout: {then: reject}}
              right:
                - step: child
                  saga: other
                  key: ${key}
                - until: ${now}
                  when: ${input.late}
        """

    private let other = """
        steps:
          - parallel:
              left:
                - steps:
                    - outcomes: {yes: {}, timeout: {then: reject}}
                      timeout: 1d
                      ask: {escalate: {role: boss, after: 1h}, quorum: 2, title: Really?}
                      step: ask
                  max: 5
                  as: item
                  each: ${input.items}
              right:
                - key: ${key}
                  saga: other
                  step: child
                - when: ${input.late}
                  until: ${now}
        """

    @Test func `does not change with the order of keys`() throws {
        #expect(load(one).diagnostics.rendered == "")
        #expect(load(other).definition == load(one).definition)
        #expect(load(other).canonicalText == load(one).canonicalText)
        #expect(load(other).hash == load(one).hash)
    }

    @Test func `changes with the order of branches, and says so`() throws {
        let swapped = one.replacing("left:", with: "middle:").replacing("right:", with: "left:")
            .replacing("middle:", with: "right:")
        let (old, new) = (load(one).canonical, load(swapped).canonical)
        #expect(load(swapped).hash != load(one).hash)
        #expect(CanonicalDifference.lines(from: old, to: new).count > 1)
    }

    @Test func `tells a change by its place`() throws {
        let changed = one.replacing("quorum: 2", with: "quorum: 3")
            .replacing("max: 5", with: "at_most: 5").replacing("${now}", with: "${input.at}")
        #expect(
            CanonicalDifference.lines(
                from: load(one).canonical, to: load(changed).canonical) == [
                    "steps/0/parallel/left/0/at_most: is new, 5",
                    "steps/0/parallel/left/0/steps/0/ask/quorum: was 2, is 3",
                    "steps/0/parallel/left/0/max: is gone, was 5",
                    "steps/0/parallel/right/1/until: was \"${now}\", is \"${input.at}\"",
                ])
    }
}

@Suite struct `A file of many nodes` {
    @Test func `is refused where it has too many`() {
        let waits = String(repeating: "          - wait: 1s\n", count: 500)
        let text = "steps:\n  - parallel:\n      left:\n" + waits
        let result = load(text)
        #expect(result.diagnostics.map(\.code) == [.outOfRange])
        #expect(
            result.diagnostics.map(\.message)
                == ["a saga has at most 500 nodes, this one has 501"])
    }

    @Test func `loads with as many as it may have`() {
        let steps = (0..<499).map { number in
            "          - {step: s\(number), command: a.b, with: \"${steps.s0.result}\","
                + " compensate: none}\n"
        }
        let text = "steps:\n  - parallel:\n      left:\n" + steps.joined()
        #expect(load(text).diagnostics.count == 1)
        let rest = text.replacing("with: \"${steps.s0.result}\", compensate", with: "compensate")
        #expect(load(rest).diagnostics == [])
    }
}
