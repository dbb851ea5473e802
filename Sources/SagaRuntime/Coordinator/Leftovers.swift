import CoreMetrics
import Logging
import SagaCore

/// A delivery that leads to no transition.
struct Leftover: Sendable {
    let delivery: ReplyDelivery
    let treatment: Treatment

    /// What becomes of it.
    enum Treatment: Sendable {
        /// It says what is known already.
        case acknowledge
        /// It can never be used.
        case bury(DeadLetterReason)
        /// It may be used later.
        case comeAgain(Duration)
    }
}

/// Why a work led to no transition.
enum Unmoved {
    case unknownSaga
    /// Its row cannot be read here, as when a newer daemon wrote it.
    case unreadable(String)
    case unknownDefinition(SagaIdentity)
    case ignored(String, SagaState, Instant?)
    case refused(Refusal)
    case poisoned(String)
    case storeAway
}

extension Plant {
    /// The time after which what cannot be used now is tried again.
    static let comeAgainAfter: Duration = .seconds(5)

    /// Answers whoever waits for a work that led to no transition.
    func settle(_ work: Work, as unmoved: Unmoved) {
        switch work.task {
        case .reply(_, let delivery): settle(delivery, as: unmoved)
        case .ordered(let order): settle(order, as: unmoved)
        // Its sender repeats what is not known yet.
        case .told: break
        case .due, .takeOver: settle(wakeOf: work.sagaID, as: unmoved)
        case .operate(_, let promise): promise.fail(problem(of: unmoved, for: work.sagaID))
        case .append(let pending): settle(pending, as: unmoved)
        }
    }

    private func settle(_ delivery: ReplyDelivery, as unmoved: Unmoved) {
        let treatment: Leftover.Treatment
        switch unmoved {
        case .unknownSaga:
            treatment = .bury(
                DeadLetterReason(code: "unknown-saga", message: "there is no such saga"))
        case .unreadable(let problem):
            logger.error(
                "a reply waits for a daemon that can read its saga",
                metadata: ["subject": "\(delivery.subject)", "problem": "\(problem)"])
            treatment = .comeAgain(Self.comeAgainAfter)
        case .unknownDefinition(let identity):
            logger.error(
                "a reply waits for a definition that is not loaded",
                metadata: [
                    "saga": "\(identity.name)", "version": "\(identity.definitionVersion)",
                ])
            treatment = .comeAgain(Self.comeAgainAfter)
        case .ignored:
            RuntimeMetrics.ignored.increment()
            treatment = .acknowledge
        case .refused(let refusal):
            treatment = .bury(DeadLetterReason(code: refusal.code, message: refusal.message))
        case .poisoned(let reason):
            treatment = .bury(DeadLetterReason(code: "poisoned", message: reason))
        case .storeAway: treatment = .comeAgain(Self.comeAgainAfter)
        }
        leftovers.putBack(Leftover(delivery: delivery, treatment: treatment))
    }

    private func settle(wakeOf id: SagaID, as unmoved: Unmoved) {
        switch unmoved {
        case .ignored(_, let state, let wakeAt):
            keep(state, wakeAt: wakeAt, isWritten: false)
            timers.rearm(rearming(state, wakeAt))
            if let at = state.looksBackAt, at <= clock.now() { tell(.lookBack(id)) }
        case .unknownSaga: timers.cancel(id)
        case .unreadable(let problem):
            timers.cancel(id)
            logger.error(
                "a saga waits for a daemon that can read it",
                metadata: ["saga_id": "\(id)", "problem": "\(problem)"])
        case .poisoned(let reason):
            logger.error(
                "a saga's wake-up cannot be stored",
                metadata: ["saga_id": "\(id)", "problem": "\(reason)"])
        case .unknownDefinition(let identity):
            logger.error(
                "a saga waits for a definition that is not loaded",
                metadata: [
                    "saga_id": "\(id)", "saga": "\(identity.name)",
                    "version": "\(identity.definitionVersion)",
                ])
        case .refused, .storeAway: break
        }
    }

    /// Where a wake-up goes that found nothing to do: to the saga's next due time, or, while its
    /// message lies in the stream untouched, one resend interval ahead.
    private func rearming(_ state: SagaState, _ wakeAt: Instant?) -> Rearming? {
        let now = clock.now()
        let next = state.nextDue.map { $0 > now ? $0 : now + limits.resend.initial }
        if let next { setTimer(state.identity.id, next) }
        guard let wakeAt, wakeAt <= now || next == nil else { return nil }
        return Rearming(id: state.identity.id, version: state.version, wakeAt: next)
    }

    private func problem(of unmoved: Unmoved, for id: SagaID) -> OperatorProblem {
        switch unmoved {
        case .unknownSaga: .unknownSaga(id)
        case .unreadable(let problem): .unavailable(problem, retryAfter: limits.retryAfter)
        case .unknownDefinition(let identity):
            .unavailable(
                "definition \(identity.name) version \(identity.definitionVersion) is not loaded",
                retryAfter: limits.retryAfter)
        case .ignored(let why, _, _): .ignored(why)
        case .refused(let refusal): .refused(refusal)
        case .poisoned(let reason): .unavailable(reason, retryAfter: limits.retryAfter)
        case .storeAway:
            .unavailable("the database does not answer", retryAfter: limits.retryAfter)
        }
    }

    /// Acknowledges, buries and defers what led to no transition, until the inbox is closed.
    func clearLeftovers() async {
        while true {
            let batch = await leftovers.take(limit: limits.batchTransitions)
            if batch.isEmpty { return }
            var known: [ReplyDelivery] = []
            for leftover in batch {
                switch leftover.treatment {
                case .acknowledge: known.append(leftover.delivery)
                case .comeAgain(let wait): await bus.postpone([leftover.delivery], for: wait)
                case .bury(let reason): await bury(leftover.delivery, reason)
                }
            }
            if !known.isEmpty { await bus.acknowledge(known) }
        }
    }

    private func bury(_ delivery: ReplyDelivery, _ reason: DeadLetterReason) async {
        RuntimeMetrics.deadLetters.increment()
        logger.warning(
            "a reply cannot be used and goes to the dead letters",
            metadata: [
                "subject": "\(delivery.subject)", "reason": "\(reason.code)",
                "problem": "\(reason.message)",
            ])
        _ = await bus.deadLetter(delivery, reason: reason)
    }
}

extension Refusal {
    /// The refusal's stable name.
    package var code: String {
        switch self {
        case .unknownCommand: "unknown-command"
        case .unknownOutcome: "unknown-outcome"
        case .unsuitableReply: "unsuitable-reply"
        case .notCancellable: "not-cancellable"
        case .notStuck: "not-stuck"
        case .unsuitableAction: "unsuitable-action"
        case .notOpen: "not-open"
        case .notAllowed: "not-allowed"
        case .invalidForm: "invalid-form"
        case .notTakenBack: "not-taken-back"
        case .keepsTooMany: "keeps-too-many"
        case .notComputable: "not-computable"
        case .invalidInput: "invalid-input"
        }
    }
}
