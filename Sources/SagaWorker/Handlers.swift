/// What a participant does, by kind and name.
package struct Handlers<Database: ParticipantDatabase>: Sendable {
    /// Does a command's work.
    package typealias Work = @Sendable (Command, Database.Transaction) throws -> Answer
    /// Takes a command's work back.
    package typealias Undo =
        @Sendable (Command, OriginalCommand, Database.Transaction) throws -> Answer
    /// Says what is known of a command.
    package typealias Look = @Sendable (Command, Database.Transaction) throws -> ProbeAnswer

    /// By the command's name.
    package var commands: [String: Work] = [:]
    /// By the compensation's name.
    package var compensations: [String: Undo] = [:]
    /// By the probe's name.
    package var probes: [String: Look] = [:]

    /// None yet.
    package init() {}
}
