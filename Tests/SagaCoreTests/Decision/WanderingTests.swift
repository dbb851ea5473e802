@testable import SagaCore
import Testing

/// Random numbers that a seed repeats (SplitMix64).
private struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// True once in that many throws.
    mutating func hits(_ sides: Int) -> Bool { Int.random(in: 0..<sides, using: &self) == 0 }
}

/// Makes definitions of every kind of node.
private struct Author {
    var dice: Dice
    var count = 0

    mutating func definition() -> SagaDefinition {
        var nodes = nodes(depth: 0)
        if dice.hits(4) { nodes += [Nodes.pivot(), Nodes.step("tell", unknown: .stuck)] }
        var definition = Nodes.saga(nodes, deadline: dice.hits(3) ? .seconds(40) : nil)
        definition.aggregate = Aggregate(type: "order", stream: "ORDERS")
        definition.finish.completed = RaisedEvent(event: "finished")
        return definition
    }

    /// The outcomes `done` and `no`, each with an event that a participant may append.
    private func outcomes(of name: String) -> [Outcome] {
        [
            Outcome(name: "done", event: RaisedEvent(event: "\(name)-done")),
            Outcome(name: "no", event: RaisedEvent(event: "\(name)-no"), then: .reject),
        ]
    }

    private mutating func nodes(depth: Int) -> [Node] {
        (0..<Int.random(in: 1...3, using: &dice)).map { _ in node(depth: depth) }
    }

    private mutating func node(depth: Int) -> Node {
        count += 1
        var node = Node(body: body("n\(count)", depth: depth))
        if dice.hits(8) { node.condition = .literal(.bool(dice.hits(2))) }
        return node
    }

    private mutating func body(_ name: String, depth: Int) -> Node.Body {
        switch Int.random(in: 0..<(depth < 2 ? 8 : 5), using: &dice) {
        case 0: return .wait(Wait(name: name, end: .after(.seconds(20))))
        case 1: return ask(name)
        case 2: return event(name)
        case 3: return Family.node(name, Child(saga: "payment")).body
        case 4: return command(name)
        case 5, 6:
            let branches = ["left", "right"].map { branch in
                Parallel.Branch(name: branch, nodes: nodes(depth: depth + 1))
            }
            return .parallel(Parallel(name: name, branches: branches))
        default:
            let items = Value.list((0..<Int.random(in: 0...3, using: &dice)).map { _ in 1 })
            return .each(
                Each(
                    name: name, list: .literal(items), element: "item",
                    nodes: nodes(depth: depth + 1), atMost: dice.hits(2) ? 1 : 2))
        }
    }

    private mutating func command(_ name: String) -> Node.Body {
        let policies: [UnknownPolicy] = [
            .compensate, .stuck,
            .probe(
                ProbePolicy(
                    subject: "ask", every: .seconds(2), for: .seconds(8), otherwise: .compensate)),
        ]
        let body = Nodes.step(
            name, retry: dice.hits(2) ? .none : RetryPolicy(attempts: 2),
            unknown: policies.randomElement(using: &dice) ?? .stuck, isOptional: dice.hits(6),
            blocks: dice.hits(3)
        ).body
        guard case .step(var step) = body else { return body }
        step.outcomes = outcomes(of: name)
        return .step(step)
    }

    private mutating func ask(_ name: String) -> Node.Body {
        .step(
            Step(
                name: name, work: .ask(Question(title: .literal("?"), remind: .seconds(9))),
                outcomes: [
                    Outcome(name: "done"), Outcome(name: "no", then: .reject),
                    Outcome(name: "timeout", then: dice.hits(2) ? .reject : .continue),
                ]))
    }

    private mutating func event(_ name: String) -> Node.Body {
        .step(
            Step(
                name: name, work: .await("news"), unknown: dice.hits(2) ? .compensate : .stuck,
                outcomes: outcomes(of: name),
                compensation: dice.hits(2) ? Compensation(subject: "undo.\(name)") : nil))
    }
}

/// A saga whose participants, people and operators do anything that may happen.
private struct Wanderer {
    var dice: Dice
    var story: Story
    /// Every reply that was ever given, so that it may come again.
    var given: [Input] = []
    var seen: Set<CommandID> = []
    var appended = 0

    /// What may come next; kind inputs only bring the saga to its end.
    mutating func next(isKind: Bool) -> Input? {
        if !isKind, dice.hits(12) { return .cancel(Nodes.action) }
        if !isKind, dice.hits(6) { return given.randomElement(using: &dice) }
        if !isKind, dice.hits(20) { return .takenOver }
        if !isKind, dice.hits(6), let input = append() { return input }
        var choices = story.state.open.map { command in answer(to: command, isKind) }
        for wait in story.state.waits { choices += report(on: wait, isKind).map { [$0] } ?? [] }
        for (path, known) in story.state.steps.sorted(by: { $0.key < $1.key }) {
            if let input = operate(path, known) { choices.append(input) }
        }
        if let due = story.state.nextDue, dice.hits(isKind ? 3 : 2) || choices.isEmpty {
            story.now = max(story.now, due)
            return .due()
        }
        return choices.randomElement(using: &dice)
    }

    private mutating func answer(to command: OpenCommand, _ isKind: Bool) -> Input {
        var answer = Reply.Answer.done
        if command.child != nil, command.kind == .command {
            answer = isKind || dice.hits(2) ? Family.completed() : Family.compensated
            if !isKind, dice.hits(5) { return .childStuck(command.id, reason: "broken") }
        } else if !isKind {
            let others: [Reply.Answer] = [.done, .outcome("no"), .retriable, .final]
            answer = others.randomElement(using: &dice) ?? .done
            if case .probe = command.kind, dice.hits(2) { answer = .outcome("pending") }
        }
        let input = Input.reply(
            Reply(commandID: command.id, attempt: command.attempt, answer: answer))
        given.append(input)
        return input
    }

    /// A participant appends an event, in season or out of it; some are stored already.
    private mutating func append() -> Input? {
        guard let event = story.decider.takenEvents.randomElement(using: &dice) else { return nil }
        appended += 1
        let input = Input.appended(
            AppendedEvent(
                id: "e-\(appended)", event: event, data: [:], isStored: dice.hits(4)))
        given.append(input)
        return input
    }

    private mutating func report(on wait: OpenWait, _ isKind: Bool) -> Input? {
        if case .timer = wait.kind { return nil }
        let outcome = isKind || dice.hits(2) ? "done" : "no"
        let input = Input.report(wait.path, outcome: outcome, data: [:], Nodes.action)
        given.append(input)
        return input
    }

    private mutating func operate(_ path: NodePath, _ known: StepState) -> Input? {
        if known.compensation == .stuck {
            return dice.hits(2)
                ? .retry(path, body: nil, Nodes.action)
                : .settle(path, .compensated, Nodes.action)
        }
        guard known.phase == .stuck else { return nil }
        if dice.hits(2) { return .retry(path, body: nil, Nodes.action) }
        let isChild = story.decider.definition.step(at: path).map { step in
            if case .child = step.work { true } else { false }
        }
        let outcome = isChild == true ? "completed" : "done"
        return .settle(path, .outcome(outcome, [:]), Nodes.action)
    }

    /// What holds after every decision.
    mutating func check(_ seed: UInt64) {
        let state = story.state
        #expect(
            state.kept.isEmpty || (state.failure == nil && !state.hasEnded),
            "seed \(seed): an event is kept for a step that will not open")
        for command in story.last.entries.compactMap(\.opened) {
            #expect(seen.insert(command.id).inserted, "seed \(seed): an identity came twice")
            guard command.kind == .compensation else { continue }
            let phase = state.steps[command.path]?.phase
            #expect(phase != .skipped && phase != nil, "seed \(seed): \(command.path) was not sent")
        }
        switch state.status {
        case .running, .compensating:
            #expect(!state.open.isEmpty || !state.waits.isEmpty, "seed \(seed): waits for nothing")
        case .stuck:
            #expect(
                state.steps.values.contains {
                    $0.phase == .stuck || $0.compensation == .stuck || $0.childStuckReason != nil
                }, "seed \(seed): nothing is stuck")
        case .completed, .compensated, .settled:
            #expect(state.waits.isEmpty, "seed \(seed)")
            #expect(state.open.allSatisfy { $0.kind == .compensation }, "seed \(seed)")
            if state.failure != nil { checkTakenBack(seed) }
        }
    }

    /// Nothing that may have happened is left standing at the end of a saga that turned round.
    private func checkTakenBack(_ seed: UInt64) {
        guard story.last.entries.contains(where: \.isEnd) else { return }
        for (path, known) in story.state.steps {
            guard known.phase == .completed || known.phase == .unknown,
                story.decider.definition.step(at: path)?.compensation != nil
            else { continue }
            #expect(known.compensation == .done, "seed \(seed): \(path) is left standing")
        }
    }
}

extension Entry {
    fileprivate var opened: OpenCommand? {
        guard case .commandOpened(let command) = self else { return nil }
        return command
    }

    fileprivate var isEnd: Bool {
        guard case .ended = self else { return false }
        return true
    }
}

@Suite struct `A saga of any nodes, to which anything may happen` {
    @Test(arguments: 0..<UInt64(600))
    func `leaves nothing standing, waits for nothing unseen, and can end`(seed: UInt64) throws {
        var author = Author(dice: Dice(state: seed))
        let story = try Story(author.definition())
        var wanderer = Wanderer(dice: author.dice, story: story)
        wanderer.check(seed)
        for turn in 0..<400 where !wanderer.story.state.hasEnded || turn < 60 {
            guard let input = wanderer.next(isKind: turn >= 60) else { continue }
            guard case .record = wanderer.story.verdict(input) else { continue }
            try wanderer.story.when(input)
            wanderer.check(seed)
        }
        #expect(wanderer.story.state.hasEnded, "seed \(seed) has not ended")
    }
}
