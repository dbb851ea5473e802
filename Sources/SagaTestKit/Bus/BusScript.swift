package import SagaCore
package import SagaRuntime

/// What a scripted participant does with a command.
package enum ParticipantMove: Sendable {
    /// Takes it and replies so, in order; several are what an impatient or a doubled participant
    /// does.
    case answer([Reply.Answer])
    /// Takes it and never replies.
    case silence
    /// Does not take it: it stays in the stream.
    case leave

    /// Takes it and replies with an outcome.
    package static func outcome(
        _ outcome: String, _ content: Value = .map(Members())
    ) -> ParticipantMove {
        .answer([.outcome(outcome, content)])
    }

    /// Takes it and replies with an error.
    package static func error(_ code: String, isRetriable: Bool) -> ParticipantMove {
        .answer([.error(code: code, message: "", isRetriable: isRetriable)])
    }
}

/// What a scripted participant makes of each command; called while `send` runs, one at a time.
package typealias ParticipantScript = @Sendable (OutgoingCommand) -> ParticipantMove

/// What an ``InMemoryBus`` does wrong with one message on purpose.
package enum PublishFault: Sendable {
    /// The stream refuses it, for that reason.
    case refuse(String)
    /// It is acknowledged and lost.
    case lose
    /// It is lost, and no acknowledgement comes.
    case loseUnacknowledged
    /// It is stored, and no acknowledgement comes.
    case storeUnacknowledged
    /// It is stored and delivered twice.
    case deliverTwice
}

/// A message on its way into an ``InMemoryBus``.
package struct PublishedMessage: Sendable {
    /// What it is.
    package let content: Content
    /// The subject it goes out on.
    package let subject: String
    /// What its stream recognises a repeated publish by.
    package let messageID: String

    /// What a message is.
    package enum Content: Sendable {
        /// A command.
        case command(OutgoingCommand)
        /// A domain event.
        case event(RecordedEvent)
    }
}

/// A message that could not be used.
package struct DeadLetter: Sendable {
    /// The subject it came on.
    package let subject: String
    /// Its body.
    package let body: [UInt8]
    /// Why it is here.
    package let reason: DeadLetterReason

    /// The letter with that reason.
    package init(subject: String, body: [UInt8], reason: DeadLetterReason) {
        self.subject = subject
        self.body = body
        self.reason = reason
    }
}
