import NATS
import SagaCheck
import SagaCore
import Synchronization

@testable import OperatorTool

/// One way to break the participant's contract, and the rules that are broken by it.
enum Flaw: String, CaseIterable, Sendable {
    case none, isSilent, saysNonsense, doesWorkAgain, recordsWhatMayPass, forgetsErrors
    case refusesToTakeBack, takesBackOnce, doesWhatWasTakenBack, refusesToTakeBackNothing
    case doesWhatWasTakenBackEarly, claimsWhatNeverCame, doesWhatIsNever, forgetsForProbes
    case claimsWhatWasTakenBack, claimsWhatFailed, claimsWhatMayPass, neverAcknowledges
    case forgetsAnswersAtRestart, forgetsRefusalsAtRestart, owesNothing

    var breaks: Set<ContractRule> {
        switch self {
        case .none: []
        case .isSilent, .saysNonsense: [.answer]
        case .doesWorkAgain: [.duplicate, .concurrent, .restartAnswer]
        case .recordsWhatMayPass: [.retriable]
        case .forgetsErrors: [.finalError]
        case .refusesToTakeBack: [.compensation]
        case .takesBackOnce: [.secondCompensation]
        case .doesWhatWasTakenBack: [.lateCommand, .restartRefusal]
        case .refusesToTakeBackNothing: [.earlyCompensation]
        case .doesWhatWasTakenBackEarly: [.commandAfterEarlyCompensation]
        case .claimsWhatNeverCame: [.probeUnknown]
        case .doesWhatIsNever: [.commandAfterNever]
        case .forgetsForProbes: [.probeDone]
        case .claimsWhatWasTakenBack: [.probeCompensated]
        case .claimsWhatFailed: [.probeFinalError]
        case .claimsWhatMayPass: [.probeRetriable]
        case .neverAcknowledges: [.acknowledge]
        case .forgetsAnswersAtRestart: [.restartAnswer]
        case .forgetsRefusalsAtRestart: [.restartRefusal]
        case .owesNothing: [.restartOwed]
        }
    }
}

/// A participant in memory that keeps the contract but for one flaw.
struct FlawedParticipant {
    private let flaw: Flaw
    private var state = State()
    private var work = 0

    private struct State {
        var answers: [String: Reply.Answer] = [:]
        /// What was taken back, and whether it had come before.
        var closed: [String: Bool] = [:]
        /// What is never to be done.
        var never: Set<String> = []
        var mayPass: Set<String> = []
        var seen: Set<String> = []
    }

    /// How many commands an examination sends before those that a restart finds.
    private static let beforeRestart = 9

    init(_ flaw: Flaw) { self.flaw = flaw }

    /// A restart that remembers what the flaw leaves.
    mutating func restart() {
        if flaw == .forgetsAnswersAtRestart { state.answers = [:] }
        if flaw == .forgetsRefusalsAtRestart { state.closed = [:] }
    }

    /// The body of the answer; nil where it does not answer.
    mutating func answer(_ command: PlayedCommand, _ body: Value) -> [UInt8]? {
        if flaw == .isSilent { return nil }
        if flaw == .saysNonsense { return Array(#"{"outcome": 5}"#.utf8) }
        switch command.target.kind {
        case .command:
            if flaw == .owesNothing, state.seen.count == Self.beforeRestart,
                !state.seen.contains(command.id)
            {
                return nil
            }
            state.seen.insert(command.id)
            return done(command.id, body).jsonBytes
        case .compensation: return undone(command.originalID ?? "").jsonBytes
        case .probe: return told(command.originalID ?? "").jsonBytes
        }
    }

    private mutating func done(_ id: String, _ body: Value) -> Reply.Answer {
        let isClosed = state.closed[id]
        let forgives =
            isClosed == true && flaw == .doesWhatWasTakenBack
            || isClosed == false && flaw == .doesWhatWasTakenBackEarly
        if isClosed != nil && !forgives || state.never.contains(id) {
            return ScriptedParticipant.refusal
        }
        if let known = state.answers[id], !forgets(known) { return known }
        work += 1
        let answer: Reply.Answer
        if body["busy"] != nil {
            answer = .error(code: "busy", message: "later", isRetriable: true)
            state.mayPass.insert(id)
            guard flaw == .recordsWhatMayPass else { return answer }
        } else if body["bad"] != nil {
            answer = .error(code: "bad", message: "\(work)", isRetriable: false)
        } else {
            answer = .outcome("debited", ["number": Value(integerLiteral: Int64(work))])
        }
        if state.answers[id] == nil { state.answers[id] = answer }
        return answer
    }

    private func forgets(_ answer: Reply.Answer) -> Bool {
        switch answer {
        case .outcome: flaw == .doesWorkAgain
        case .error: flaw == .forgetsErrors
        }
    }

    private mutating func undone(_ id: String) -> Reply.Answer {
        let no = Reply.Answer.error(code: "no", message: "", isRetriable: false)
        let hasCome = state.answers[id] != nil
        if flaw == .refusesToTakeBack, hasCome { return no }
        if flaw == .takesBackOnce, state.closed[id] != nil { return no }
        if flaw == .refusesToTakeBackNothing, !hasCome { return no }
        state.closed[id] = state.closed[id] ?? hasCome
        return .outcome("done", [:])
    }

    private mutating func told(_ id: String) -> Reply.Answer {
        let (never, claim) = (
            Reply.Answer.outcome("never", [:]), Reply.Answer.outcome("debited", [:])
        )
        if state.closed[id] != nil { return flaw == .claimsWhatWasTakenBack ? claim : never }
        switch state.answers[id] {
        case .outcome?: return flaw == .forgetsForProbes ? never : state.answers[id] ?? never
        case .error?: return flaw == .claimsWhatFailed ? claim : never
        case nil: break
        }
        if state.mayPass.contains(id) {
            return flaw == .claimsWhatMayPass ? claim : .outcome("pending", [:])
        }
        if flaw == .claimsWhatNeverCame { return claim }
        if flaw != .doesWhatIsNever { state.never.insert(id) }
        return never
    }
}

extension FlawedParticipant {
    /// Serves `saga.command.payments.>` until the task is cancelled.
    static func serve(_ flaw: Flaw, on connection: Connection, restarted: () -> Bool) async throws {
        let streams = JetStream(connection)
        let consumer = ConsumerConfiguration(
            durable: "payments", filterSubject: "saga.command.payments.>")
        try await streams.createConsumer(consumer, on: "SAGA_COMMANDS")
        let pull = try await PullConsumer(
            connection, stream: "SAGA_COMMANDS", durable: "payments")
        let publisher = try await Publisher(connection)
        var participant = FlawedParticipant(flaw)
        for await batch in pull {
            for delivery in batch {
                guard let command = PlayedCommand(delivery) else { continue }
                if restarted() { participant.restart() }
                let body = (try? Value(json: delivery.payload)) ?? .null
                if let answer = participant.answer(command, body) {
                    _ = await publisher.publish(
                        Message(subject: command.replyTo, payload: answer))
                }
                if flaw != .neverAcknowledges { delivery.ack() }
            }
        }
    }
}
