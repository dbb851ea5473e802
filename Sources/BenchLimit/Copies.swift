import NATS
import SagaCore
import SagaRuntime

/// Copies of the recorded order, each with identities of its own: rows and messages of the same
/// sizes, made without looking into any body.
struct Copies: Sendable {
    let recording: Recording
    /// When sagas are to be looked at: so late that nobody does, and the same at each transition.
    let wakeAt: Instant

    private static let hashBytes = 32
    private static let keysKept: Duration = .seconds(24 * 3600)

    /// What the start of that saga stores.
    func start(_ saga: NumberedSaga, at now: Instant) -> SagaStart {
        let id = saga.id
        return SagaStart(
            identity: SagaIdentity(
                id: id, name: "order", definitionVersion: 1, key: id.description),
            definitionHash: Self.hash(of: 0), input: recording.input,
            transition: transition(saga, 0, at: now),
            idempotency: IdempotencyClaim(
                key: "limit-\(saga.number)", digest: Self.hash(of: saga.number),
                expiresAt: now + Self.keysKept))
    }

    /// What the transition at that place stores.
    func transition(_ saga: NumberedSaga, _ place: Int, at now: Instant) -> Transition {
        let row = recording.rows[place]
        let isLast = place == recording.rows.count - 1
        return Transition(
            sagaID: saga.id, expectedVersion: Int64(place), status: row.status, state: row.state,
            wakeAt: row.wakes ? wakeAt : nil, keepsWakeUp: row.wakes && row.keepsWakeUp, at: now,
            endedAt: isLast ? now : nil,
            journal: row.journal, decisionHash: Self.hash(of: saga.number << 2 | place),
            events: [
                NewEvent(
                    id: saga.event(place), aggregateType: "order",
                    aggregateID: saga.id.description, stream: "ORDERS", type: row.eventType,
                    body: row.eventBody)
            ])
    }

    /// The command at that place.
    func command(_ saga: NumberedSaga, _ place: Int) -> Message {
        let id = saga.id
        let command = saga.command(place)
        return message(
            recording.commands[place],
            [
                "Nats-Msg-Id": "\(command).1", "Saga-Command-Id": "\(command)",
                "Saga-Id": "\(id)", "Saga-Key": "\(id)",
                "Saga-Reply-To": ReplyText.subject(sagaID: id, commandID: command, attempt: 1),
            ])
    }

    /// The event at that place.
    func event(_ saga: NumberedSaga, _ place: Int) -> Message {
        let id = saga.id.description
        let event = saga.event(place)
        return message(
            recording.events[place],
            ["Nats-Msg-Id": event, "ce-id": event, "ce-subject": id, "Saga-Id": id])
    }

    /// The view of the whole order.
    func view(_ saga: NumberedSaga, at now: Instant) -> ViewRecord {
        ViewRecord(
            key: ViewKey(collection: "order", id: saga.id.description),
            version: Int64(recording.rows.count), rebuild: 0, status: "Approved",
            customerID: "c-\(saga.number % 500)", createdAt: now, updatedAt: now,
            document: recording.view)
    }

    private func message(_ sent: Recording.Sent, _ changed: [String: String]) -> Message {
        Message(
            subject: sent.subject,
            headers: sent.headers.map { ($0.name, changed[$0.name] ?? $0.value) },
            payload: sent.body)
    }

    /// As many bytes as a hash has, different for different numbers.
    private static func hash(of number: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: hashBytes)
        for place in 0..<8 { bytes[place] = UInt8(truncatingIfNeeded: number >> (8 * place)) }
        return bytes
    }
}
