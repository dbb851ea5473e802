package import SagaCore
package import SagaRuntime
import Synchronization

/// Which faults wait for the messages of an ``InMemoryBus``.
struct BusFaults {
    typealias Rule = @Sendable (PublishedMessage) -> PublishFault?

    var isAway = false
    var nextCommands: [PublishFault] = []
    var nextEvents: [PublishFault] = []
    var rule: Rule?

    /// The fault that was asked for, else the rule to ask.
    mutating func takeRule(for message: PublishedMessage) -> (fault: PublishFault?, ask: Rule?) {
        switch message.content {
        case .command where !nextCommands.isEmpty: return (nextCommands.removeFirst(), nil)
        case .event where !nextEvents.isEmpty: return (nextEvents.removeFirst(), nil)
        case .command, .event: return (nil, rule)
        }
    }
}

extension InMemoryBus {
    /// Has the next commands go wrong; faults asked for earlier strike first.
    package func failNextCommands(_ fault: PublishFault, times: Int = 1) {
        state.withLock { $0.faults.nextCommands += Array(repeating: fault, count: times) }
    }

    /// Has the next events go wrong; faults asked for earlier strike first.
    package func failNextEvents(_ fault: PublishFault, times: Int = 1) {
        state.withLock { $0.faults.nextEvents += Array(repeating: fault, count: times) }
    }

    /// Asks for the fault of every message that no other was asked for; nil ends it.
    package func onPublish(_ rule: (@Sendable (PublishedMessage) -> PublishFault?)?) {
        state.withLock { $0.faults.rule = rule }
    }

    /// Cuts the connection until it is set to false: publishes have unknown answers, `prepare`
    /// throws, dead letters fail. Replies that wait are held back no further.
    package func setAway(_ isAway: Bool) {
        state.withLock { $0.faults.isAway = isAway }
    }

    /// Loses everything that lies in the streams and what repeated publishes are recognised by, as
    /// a broker does that lost its disk; replies and dead letters stay.
    package func forgetEverything() {
        state.withLock { state in
            state.streams.forgetEverything()
            state.news.forgetEverything()
        }
    }

    /// Forgets what repeated publishes are recognised by, as when the duplicate window has passed.
    package func forgetMessageIDs() {
        state.withLock { $0.streams.forgetIdentities() }
    }

    /// Has all replies and news that were taken and not acknowledged come again at once, as after a
    /// restart of the daemon.
    package func redeliverUnacknowledged() {
        state.withLock { state in
            state.replies.returnEverything()
            state.news.returnEverything()
        }
        wake(at: clock.now())
    }
}

extension InMemoryBus {
    /// Puts a participant behind subjects: `payments.debit`, or `payments.>` for all below; the one
    /// that came last is asked first. It is offered what lies in the stream already.
    package func participant(on pattern: String, _ script: @escaping ParticipantScript) {
        state.withLock { state in
            state.participants.insert((SubjectPattern(pattern), script), at: 0)
            state.streams.offerAgain()
        }
        serveParticipants()
    }

    /// Offers commands again that their participants left in the stream.
    package func offerAgain() {
        state.withLock { $0.streams.offerAgain() }
        serveParticipants()
    }

    /// Answers a command from outside a script, such as late.
    package func reply(_ answer: Reply.Answer, to command: OutgoingCommand) {
        state.withLock { $0.replies.append(answer, to: command) }
        wake(at: clock.now())
    }

    /// Puts any message on the reply stream.
    package func injectReply(subject: String, body: [UInt8]) {
        state.withLock { $0.replies.append(subject: subject, body: body) }
        wake(at: clock.now())
    }

    /// Takes up to that many commands out of the stream, oldest first, as a participant would.
    package func takeCommands(_ count: Int) -> [OutgoingCommand] {
        state.withLock { state in
            let taken = state.streams.waiting.prefix(count).map(\.command)
            state.streams.waiting.removeFirst(taken.count)
            return taken
        }
    }

    /// Every command that reached the stream, in order; a doubled one stands here twice.
    package var sentCommands: [OutgoingCommand] { state.withLock { $0.streams.sent } }

    /// The commands that nobody took, oldest first.
    package var waitingCommands: [OutgoingCommand] {
        state.withLock { $0.streams.waiting.map(\.command) }
    }

    /// Every event that lies in its stream, in the order of arrival.
    package var publishedEvents: [RecordedEvent] { state.withLock { $0.streams.events } }

    /// What could not be used.
    package var deadLetters: [DeadLetter] { state.withLock { $0.streams.deadLetters } }

    /// How many replies wait, or were taken and not acknowledged.
    package var openReplies: Int { state.withLock { $0.replies.count } }
}
