import NATS

/// A stream as the wire contract wants it.
struct StreamPlan {
    static let commands = "SAGA_COMMANDS"
    static let replies = "SAGA_REPLIES"
    static let dead = "SAGA_DEAD"

    let configuration: StreamConfiguration

    /// The three streams of the daemon, and one for each aggregate's stream.
    static func all(aggregates: [String]) -> [StreamPlan] {
        var commands = StreamConfiguration(name: Self.commands, subjects: ["saga.command.>"])
        commands.retention = .workQueue
        // A full stream must refuse a command, not drop an older one.
        commands.discard = .new
        var replies = StreamConfiguration(name: Self.replies, subjects: ["saga.reply.>"])
        replies.retention = .workQueue
        replies.discard = .new
        let dead = StreamConfiguration(name: Self.dead, subjects: ["saga.dead.>"])
        let events = aggregates.map { StreamConfiguration(name: $0, subjects: ["\($0).*"]) }
        return ([commands, replies, dead] + events).map(StreamPlan.init)
    }

    /// What of an existing stream contradicts the contract: the field, what is expected and what
    /// was found. Limits and replicas are the operator's.
    func conflict(with found: StreamConfiguration) -> String? {
        let name = configuration.name
        let advice = "change or delete the stream, sagad makes it anew"
        if found.retention != configuration.retention {
            return "stream \(name): retention must be \(configuration.retention.rawValue), "
                + "is \(found.retention.rawValue): \(advice)"
        }
        let missing = configuration.subjects.filter { !found.subjects.contains($0) }
        if !missing.isEmpty {
            return "stream \(name): subjects must hold \(missing.joined(separator: ", ")), "
                + "are \(found.subjects.joined(separator: ", ")): \(advice)"
        }
        if configuration.discard == .new, found.discard != .new {
            return "stream \(name): discard must be new, is \(found.discard.rawValue): \(advice)"
        }
        return nil
    }
}
