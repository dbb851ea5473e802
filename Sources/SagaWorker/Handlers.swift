/// What a participant does, by kind and name.
struct Handlers<Database: ParticipantDatabase>: Sendable {
    typealias Work = @Sendable (Command, Database.Transaction) throws -> Answer
    typealias Undo = @Sendable (Command, OriginalCommand, Database.Transaction) throws -> Answer
    typealias Look = @Sendable (Command, Database.Transaction) throws -> ProbeAnswer

    var commands: [String: Work] = [:]
    var compensations: [String: Undo] = [:]
    var probes: [String: Look] = [:]
}
