import SagaCore
package import SagaRuntime

/// A promise of the bus port.
package typealias BusCheck = Check<BusUnderTest>

/// A command as a participant takes it off its stream.
package struct TakenCommand: Equatable, Sendable {
    /// The whole subject, such as `saga.command.payments.debit`.
    package let subject: String
    /// The identity that its stream recognises it by.
    package let messageID: String
    /// The subject on which it is answered.
    package let replyTo: String
    /// Its body.
    package let body: [UInt8]

    /// The command with these parts.
    package init(subject: String, messageID: String, replyTo: String, body: [UInt8]) {
        self.subject = subject
        self.messageID = messageID
        self.replyTo = replyTo
        self.body = body
    }
}

/// A bus made for one check, empty, with hands on its other side.
package struct BusUnderTest: Sendable {
    /// The bus.
    package let bus: any Bus
    /// Takes that many commands for `saga.command.>`, oldest first, and acknowledges them; fewer
    /// where no more come within a time that is ample for the adapter.
    package let takeCommands: @Sendable (_ count: Int) async throws -> [TakenCommand]
    /// Puts a message on the reply stream, stored when it returns.
    package let reply: @Sendable (_ subject: String, _ body: [UInt8]) async throws -> Void
    /// The messages on the dead-letter stream.
    package let deadLetters: @Sendable () async throws -> [DeadLetter]
    /// The identities of the events on a stream, oldest first.
    package let eventIDs: @Sendable (_ stream: String) async throws -> [String]
    /// Lets that much time pass for the bus.
    package let pass: @Sendable (Duration) async throws -> Void
    /// The time after which what was not acknowledged comes again.
    package let acknowledgeWithin: Duration
    /// Removes what the bus leaves behind; called after it was closed.
    package let dispose: @Sendable () async throws -> Void

    /// The bus with those hands.
    package init(
        bus: any Bus,
        takeCommands: @escaping @Sendable (_ count: Int) async throws -> [TakenCommand],
        reply: @escaping @Sendable (_ subject: String, _ body: [UInt8]) async throws -> Void,
        deadLetters: @escaping @Sendable () async throws -> [DeadLetter],
        eventIDs: @escaping @Sendable (_ stream: String) async throws -> [String],
        pass: @escaping @Sendable (Duration) async throws -> Void,
        acknowledgeWithin: Duration,
        dispose: @escaping @Sendable () async throws -> Void = {}
    ) {
        self.bus = bus
        self.takeCommands = takeCommands
        self.reply = reply
        self.deadLetters = deadLetters
        self.eventIDs = eventIDs
        self.pass = pass
        self.acknowledgeWithin = acknowledgeWithin
        self.dispose = dispose
    }

    /// An ``InMemoryBus`` with hands on its other side.
    package static func inMemory() -> BusUnderTest {
        let clock = ManualClock()
        let bus = InMemoryBus(clock: clock)
        return BusUnderTest(
            bus: bus,
            takeCommands: { count in bus.takeCommands(count).map { TakenCommand($0) } },
            reply: { bus.injectReply(subject: $0, body: $1) },
            deadLetters: { bus.deadLetters },
            eventIDs: { stream in
                bus.publishedEvents.filter { $0.event.stream == stream }.map(\.event.id)
            },
            pass: { clock.advance(by: $0) }, acknowledgeWithin: .seconds(30))
    }
}

extension TakenCommand {
    /// What a participant sees of a command, by the wire contract.
    init(_ command: OutgoingCommand) {
        let open = command.command
        let body =
            switch open.body {
            case .document: command.document
            case .value(let value): value
            }
        self.init(
            subject: "saga.command.\(open.subject)", messageID: command.messageID,
            replyTo: ReplyText.subject(
                sagaID: command.saga.id, commandID: open.id, attempt: open.attempt),
            body: body.jsonBytes)
    }
}

/// What every bus promises: the sentences of the port's documentation, one check each.
package enum BusConformance {
    /// Every check; each runs on a bus of its own, whose stream `ORDERS` is prepared.
    package static let checks: [BusCheck] =
        publishChecks + replyChecks + newsChecks + streamChecks
        + deadLetterChecks

    /// Runs one check on a bus of its own, prepared, and disposes of the bus.
    package static func run(
        _ check: BusCheck, on open: @Sendable () async throws -> BusUnderTest
    ) async throws {
        let subject = try await open()
        let outcome: Result<Void, any Error>
        do {
            try await subject.bus.prepare(streams: ["ORDERS"])
            outcome = .success(try await check.body(subject))
        } catch {
            outcome = .failure(error)
        }
        await subject.bus.close()
        try await subject.dispose()
        try outcome.get()
    }
}
