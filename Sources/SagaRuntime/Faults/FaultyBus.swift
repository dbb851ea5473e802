package import SagaCore
import Synchronization

/// A bus whose commands and replies are struck as the rules say; everything else it passes on.
///
/// A strike is recorded before it takes effect. ``run()`` must run while replies are wanted: it takes
/// them from the bus below.
package final class FaultyBus: Sendable {
    let inner: any Bus
    let board: FaultBoard
    let aim: FaultAim
    let clock: any SagaClock
    let crash: @Sendable () -> Void
    let replies = Inbox<ReplyDelivery>(capacity: FaultLimits.replies)
    /// What is held back until its time.
    let held = Inbox<Held>(capacity: FaultLimits.held)
    private let state = Mutex(State())

    /// Something that is held back.
    struct Held: Sendable {
        /// What becomes of it at its time.
        enum Part: Sendable {
            case command(OutgoingCommand)
            /// Sent unless a command that came later has gone before it.
            case overtaken(OutgoingCommand)
            case reply(ReplyDelivery)
        }

        let part: Part
        let until: Instant
    }

    private struct State {
        /// Commands that wait for a later one to go first.
        var overtaken: [OutgoingCommand] = []
        var connectedAgainAt: Instant?
        var heldCount = 0
        var made: UInt64 = 0
    }

    /// That bus under those rules.
    ///
    /// - Parameters:
    ///   - store: where it is looked up what a reply is about.
    ///   - crash: ends the process at once.
    package init(
        _ inner: any Bus, store: any Store, board: FaultBoard, clock: any SagaClock,
        crash: @escaping @Sendable () -> Void
    ) {
        self.inner = inner
        self.board = board
        self.clock = clock
        self.crash = crash
        aim = FaultAim(store: store, board: board)
    }

    /// Takes replies from the bus below, and lets go what was held back; until cancelled.
    package func run() async {
        await withTaskGroup { group in
            group.addTask { await self.pump() }
            group.addTask { await self.releaseHeld() }
            await group.next()
            group.cancelAll()
            held.close()
        }
    }

    private func releaseHeld() async {
        await withTaskGroup { group in
            while true {
                let batch = await held.take(limit: 1)
                guard let one = batch.first, !Task.isCancelled else { break }
                group.addTask {
                    guard (try? await self.clock.sleep(until: one.until)) != nil else { return }
                    await self.release(one)
                }
            }
            group.cancelAll()
        }
    }

    private func release(_ one: Held) async {
        state.withLock { $0.heldCount -= 1 }
        switch one.part {
        case .command(let command): _ = await inner.send([command])
        case .overtaken(let command):
            let isWaiting = state.withLock { state in
                let place = state.overtaken.firstIndex { $0 == command }
                if let place { state.overtaken.remove(at: place) }
                return place != nil
            }
            if isWaiting { _ = await inner.send([command]) }
        case .reply(let delivery): _ = await replies.put(delivery)
        }
    }
}

// MARK: - Commands

extension FaultyBus {
    /// What becomes of one command of a call.
    private enum Way {
        case passes
        case answered(PublishAnswer)
    }

    /// Sends commands, each as the rule that strikes it has it.
    package func send(_ commands: [OutgoingCommand]) async -> [PublishAnswer] {
        let entries = board.rules(at: .command)
        if entries.isEmpty, isPlain { return await inner.send(commands) }
        var ways: [Way] = []
        var doubles: [OutgoingCommand] = []
        var crashes = false
        let targets = await aim.targets(commands)
        for (command, target) in zip(commands, targets) {
            guard let rule = await board.strike(target, by: entries) else {
                ways.append(.passes)
                continue
            }
            if rule.fault == .crash(.afterPublish) { crashes = true }
            ways.append(way(of: command, struckBy: rule, doubles: &doubles))
        }
        if isDisconnected { return commands.map { _ in .unknown } }
        let passing = zip(commands, ways).compactMap { command, way in
            if case .passes = way { return command }
            return nil
        }
        var answers = await passing.isEmpty ? [] : inner.send(passing)[...]
        let later = doubles + (passing.isEmpty ? [] : takeOvertaken())
        if !later.isEmpty { _ = await inner.send(later) }
        if crashes { crash() }
        return ways.map { way in
            switch way {
            case .passes: answers.removeFirst()
            case .answered(let answer): answer
            }
        }
    }

    private func way(
        of command: OutgoingCommand, struckBy rule: FaultRule, doubles: inout [OutgoingCommand]
    ) -> Way {
        switch rule.fault {
        case .outcome(let outcome, let data):
            answer(command, .outcome(outcome, data))
            return .answered(.unknown)
        case .error(let code, let message, let isRetriable):
            answer(command, .error(code: code, message: message, isRetriable: isRetriable))
            return .answered(.unknown)
        case .timeout: return .answered(.unknown)
        case .delay(let wait):
            return hold(.command(command), for: wait) ? .answered(.unknown) : .passes
        case .reorder: return overtake(command)
        case .duplicate(let count):
            for number in 1..<count {
                var double = command
                // Another resend number is another message, so that the stream takes it.
                double.command.resend += number * Self.doubleResend
                doubles.append(double)
            }
            return .passes
        case .bus(.disconnect):
            state.withLock { $0.connectedAgainAt = clock.now() + FaultLimits.disconnection }
            return .answered(.unknown)
        case .bus(.publishRefused):
            return .answered(.refused("the fault '\(rule.name)' has it refused"))
        case .crash, .store, .loseReply, .lateReply: return .passes
        }
    }

    /// Far above what a command is ever sent again.
    private static var doubleResend: Int { 1_000_000 }

    private func overtake(_ command: OutgoingCommand) -> Way {
        guard hold(.overtaken(command), for: FaultLimits.reordering) else { return .passes }
        state.withLock { $0.overtaken.append(command) }
        return .answered(.unknown)
    }

    /// The commands that waited for others to go first.
    private func takeOvertaken() -> [OutgoingCommand] {
        state.withLock { state in
            defer { state.overtaken = [] }
            return state.overtaken
        }
    }

    /// Holds something back until its time; false where too much is held.
    func hold(_ part: Held.Part, for wait: Duration) -> Bool {
        let mayHold = state.withLock { state in
            guard state.heldCount < FaultLimits.held else { return false }
            state.heldCount += 1
            return true
        }
        return mayHold && held.offer(Held(part: part, until: clock.now() + wait))
    }

    /// Whether nothing is held and the connection stands.
    private var isPlain: Bool {
        state.withLock { $0.overtaken.isEmpty && $0.connectedAgainAt == nil }
    }

    var isDisconnected: Bool {
        let now = clock.now()
        return state.withLock { state in
            guard let end = state.connectedAgainAt else { return false }
            if now < end { return true }
            state.connectedAgainAt = nil
            return false
        }
    }

    /// Has a command answered as a participant would.
    private func answer(_ command: OutgoingCommand, _ answer: Reply.Answer) {
        let number = state.withLock { state in
            state.made += 1
            return state.made
        }
        let (id, attempt) = (command.command.id, command.command.attempt)
        let reply = Reply(commandID: id, attempt: attempt, answer: answer)
        let delivery = ReplyDelivery(
            subject: ReplyText.subject(
                sagaID: command.saga.id, commandID: id, attempt: attempt),
            body: answer.jsonBytes,
            content: .success(AddressedReply(sagaID: command.saga.id, reply: reply)),
            deliveryCount: 1, token: "\(Self.madePrefix)\(number)")
        replies.putBack(delivery)
    }

    /// How the tokens of replies begin that no participant gave.
    static var madePrefix: String { "fault:" }
}
