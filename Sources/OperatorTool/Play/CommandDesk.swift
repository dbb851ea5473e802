import Foundation
import NATS
import SagaCheck
import SagaCore
import Synchronization

/// Takes commands from JetStream and answers them as the scripted participant says.
///
/// A final class because its tasks share the participant.
final class CommandDesk: Sendable {
    private let participant: Mutex<ScriptedParticipant>
    private let connection: Connection
    private let streams: JetStream
    private let publisher: Publisher
    private let console: Console
    /// The sagas whose commands were left in the queue, which is said once of each.
    private let left = Mutex<Set<String>>([])

    /// The stream with the commands.
    static let stream = "SAGA_COMMANDS"
    /// The beginning of this tool's consumers' names.
    private static let durablePrefix = "sagactl-play-"
    /// When the server deletes a consumer whose tool has gone without a word.
    private static let inactiveThreshold: Duration = .seconds(30)
    /// When a command of a saga that is not played comes again.
    private static let leaveFor: Duration = .seconds(5)
    /// The wait before a consumer that was lost is made again.
    private static let remakeWait: Duration = .seconds(1)
    /// The most commands that wait for their attempt's end to be answered late.
    private static let lateMax = 1000

    /// A desk on a connection.
    init(
        _ scripts: [Script], _ connection: Connection, _ console: Console
    ) async throws(NATSFailure) {
        participant = Mutex(ScriptedParticipant(scripts))
        self.connection = connection
        streams = JetStream(connection)
        publisher = try await Publisher(connection)
        self.console = console
    }

    /// Who else serves commands of a family: the name of a consumer; nil where nobody does.
    func otherServer(of family: String) async throws -> String? {
        let own = Self.filter(of: family)
        for consumer in try await streams.consumers(on: Self.stream) {
            let filter = consumer.configuration.filterSubject ?? ">"
            guard SubjectPattern.overlap(filter, own) else { continue }
            let name = consumer.configuration.durable
            // One of ours that nobody pulls from was left by a tool that was killed.
            if name == Self.durablePrefix + family, consumer.waiting == 0 { continue }
            return name
        }
        return nil
    }

    /// Serves the commands of a family until the task is cancelled.
    func serve(_ family: String) async throws {
        let configuration = Self.configuration(of: family)
        try await streams.createConsumer(configuration, on: Self.stream)
        let consumer = try await PullConsumer(
            connection, stream: Self.stream, durable: configuration.durable)
        await withDiscardingTaskGroup { group in
            group.addTask { await self.keepUp(consumer, configuration) }
            for await batch in consumer {
                for delivery in batch {
                    guard let late = await self.take(delivery) else { continue }
                    group.addTask { await self.answerLate(late.command, late.answer) }
                }
            }
            group.cancelAll()
        }
        consumer.close()
    }

    /// Deletes the consumer of a family, so that others may serve it.
    func leave(_ family: String) async {
        do {
            try await streams.deleteConsumer(
                Self.configuration(of: family).durable, on: Self.stream)
        } catch {
            console.complain("The consumer for \(family) could not be deleted: \(error)\n")
        }
    }

    /// How often the work of each of those commands is done and not taken back.
    func standing(_ commands: [String]) -> [String: Int] {
        participant.withLock { $0.standing(commands) }
    }

    private static func filter(of family: String) -> String {
        "\(PlayedCommand.prefix)\(family).>"
    }

    private static func configuration(of family: String) -> ConsumerConfiguration {
        var configuration = ConsumerConfiguration(
            durable: durablePrefix + family, filterSubject: filter(of: family))
        configuration.inactiveThreshold = inactiveThreshold
        return configuration
    }

    /// Makes the consumer again where it was lost.
    private func keepUp(_ consumer: PullConsumer, _ configuration: ConsumerConfiguration) async {
        for await trouble in consumer.troubles {
            do throws(NATSFailure) {
                try await streams.restore(configuration, on: Self.stream, after: trouble)
                consumer.pullAgain()
            } catch {
                console.complain("Commands cannot be pulled: \(error)\n")
            }
            guard (try? await Task.sleep(for: Self.remakeWait)) != nil else { return }
        }
    }

    // MARK: One command

    /// Answers a delivery; answers what is to be answered late.
    private func take(
        _ delivery: Delivery
    ) async -> (command: PlayedCommand, answer: Reply.Answer)? {
        guard let command = PlayedCommand(delivery) else {
            console.complain("A message on \(delivery.subject) is no command: it is dropped.\n")
            delivery.term()
            return nil
        }
        let act = participant.withLock { $0.act(on: command) }
        switch act {
        case .answer(let answer): await send(answer, to: command, times: 1)
        case .answerTwice(let answer): await send(answer, to: command, times: 2)
        case .silence: say(command, "no answer")
        case .answerLate(let answer):
            delivery.ack()
            say(command, "nothing yet")
            return (command, answer)
        case .leave:
            delivery.nak(delay: Self.leaveFor)
            if left.withLock({ $0.insert(command.saga).inserted }) {
                console.complain(
                    "Commands of '\(command.saga)' come, too, which is not played: they are left "
                        + "in the queue. Name its scenario file as well.\n")
            }
            return nil
        }
        delivery.ack()
        return nil
    }

    private func answerLate(_ command: PlayedCommand, _ answer: Reply.Answer) async {
        let now = Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
        let wait = max(.zero, (command.deadline ?? now) - now) + Rehearsal.answerTime
        guard (try? await Task.sleep(for: wait)) != nil else { return }
        await send(answer, to: command, times: 1, "late, ")
    }

    private func send(
        _ answer: Reply.Answer, to command: PlayedCommand, times: Int, _ remark: String = ""
    ) async {
        let message = Message(subject: command.replyTo, payload: answer.jsonBytes)
        for _ in 0..<times {
            switch await publisher.publish(message) {
            case .stored: break
            case .refused(_, let why), .unknown(let why):
                console.complain("The answer to \(command.words) was not stored: \(why)\n")
            }
        }
        say(command, remark + answer.words + (times > 1 ? ", twice" : ""))
    }

    private func say(_ command: PlayedCommand, _ words: String) {
        console.write("▸ \(command.words)  → \(words)\n")
    }
}

/// Subjects with wildcards.
enum SubjectPattern {
    /// Whether a subject may match both.
    static func overlap(_ one: String, _ other: String) -> Bool {
        var (left, right) = (one.split(separator: ".")[...], other.split(separator: ".")[...])
        while let first = left.popFirst() {
            guard let second = right.popFirst() else { return false }
            if first == ">" || second == ">" { return true }
            guard first == second || first == "*" || second == "*" else { return false }
        }
        return right.isEmpty
    }
}
