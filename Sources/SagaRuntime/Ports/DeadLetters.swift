package import SagaCore

/// Where what could not be used lies, until an operator has looked at it.
package protocol DeadLetterSource: Sendable {
    /// A page of the dead letters, newest first.
    ///
    /// - Parameters:
    ///   - number: where the page before ended; nil is the beginning.
    ///   - limit: the most letters on the page; it may have fewer although more follow.
    /// - Throws: ``BusError`` where the broker does not answer.
    func deadLetters(before number: UInt64?, limit: Int) async throws -> DeadLetterPage

    /// Sends a dead letter once more to the subject that it came on, then removes it; answers the
    /// letter, or nil where there is none of that number.
    ///
    /// - Throws: ``BusError`` where it was not sent; then it stays.
    func sendBack(deadLetter number: UInt64) async throws -> DeadLetterRecord?
}

/// Something that could not be used, with the reason.
package struct DeadLetterRecord: Equatable, Sendable {
    /// Its number, which no other has.
    package var number: UInt64
    /// The subject that it came on.
    package var subject: String
    /// Its body as it came.
    package var body: [UInt8]
    /// Why it could not be used.
    package var reason: DeadLetterReason
    /// When it was put here; nil where the broker does not say.
    package var at: Instant?

    /// The letter with these parts.
    package init(
        number: UInt64, subject: String, body: [UInt8], reason: DeadLetterReason, at: Instant?
    ) {
        self.number = number
        self.subject = subject
        self.body = body
        self.reason = reason
        self.at = at
    }
}

/// A page of dead letters.
package struct DeadLetterPage: Equatable, Sendable {
    /// The letters, newest first.
    package var letters: [DeadLetterRecord]
    /// Where the next page begins; nil at the end.
    package var after: UInt64?

    /// The page with these parts.
    package init(letters: [DeadLetterRecord], after: UInt64?) {
        self.letters = letters
        self.after = after
    }
}
