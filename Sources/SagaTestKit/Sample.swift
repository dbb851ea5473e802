package import SagaCore
package import SagaRuntime

/// Sagas, transitions and events to fill a store with; the same arguments give the same values.
package enum Sample {
    /// When samples begin: 2026-01-01T00:00:00Z.
    package static let epoch = Instant(microseconds: 1_767_225_600_000_000)

    /// That many seconds after ``epoch``.
    package static func time(_ seconds: Int) -> Instant { epoch + .seconds(seconds) }

    /// The identity of the sample saga with that number.
    package static func sagaID(_ number: Int) -> SagaID {
        let bits = UInt64(bitPattern: Int64(number))
        return SagaID(randomBits: mixed(bits &* 2), mixed(bits &* 2 &+ 1))
    }

    /// The numbers of that many sample sagas that lie in one shard, from `first` on.
    package static func numbers(inShard shard: Int, count: Int, from first: Int = 0) -> [Int] {
        var numbers: [Int] = []
        var number = first
        while numbers.count < count {
            if sagaID(number).shard(of: StoreLimits.shards) == shard { numbers.append(number) }
            number += 1
        }
        return numbers
    }

    /// Spreads a number over 64 bits, always in the same way.
    package static func mixed(_ number: UInt64) -> UInt64 {
        var bits = number &+ 0x9E37_79B9_7F4A_7C15
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// The start of the sample saga with that number; its first transition is decided at `at`.
    package static func start(
        _ number: Int, name: String = "order", definitionVersion: Int = 1, key: String? = nil,
        note: String = "start", status: SagaStatus = .running, wakeAt: Instant? = nil,
        at: Instant = epoch, endedAt: Instant? = nil, events: [NewEvent] = [],
        claim: IdempotencyClaim? = nil
    ) -> SagaStart {
        let identity = SagaIdentity(
            id: sagaID(number), name: name, definitionVersion: definitionVersion,
            key: key ?? "key-\(number)")
        let transition = transition(
            number, expecting: 0, note: note, status: status, wakeAt: wakeAt, at: at,
            endedAt: endedAt, events: events)
        return SagaStart(
            identity: identity, definitionHash: hash("\(name) \(definitionVersion)"),
            input: Array(#"{"number":\#(number)}"#.utf8), transition: transition,
            idempotency: claim)
    }

    /// A transition of the sample saga with that number; another `note` is another decision.
    package static func transition(
        _ number: Int, expecting version: Int64, note: String = "", status: SagaStatus = .running,
        needsPerson: Bool? = nil, wakeAt: Instant? = nil, keepsWakeUp: Bool = false,
        at: Instant? = nil, endedAt: Instant? = nil, events: [NewEvent] = []
    ) -> Transition {
        let journal = Array("saga \(number), version \(version + 1), \(note)".utf8)
        return Transition(
            sagaID: sagaID(number), expectedVersion: version, status: status,
            state: Array("state \(version + 1) \(note)".utf8),
            needsPerson: needsPerson ?? (status == .stuck), wakeAt: wakeAt,
            keepsWakeUp: keepsWakeUp, at: at ?? time(Int(version)), endedAt: endedAt,
            journal: journal,
            decisionHash: SHA256.digest(of: journal), events: events)
    }

    /// An event of that identity on the stream `ORDERS`.
    package static func event(
        _ id: String, of aggregateID: String = "order-1", aggregateType: String = "order",
        type: String = "ORDERS.changed", body: String? = "{}"
    ) -> NewEvent {
        NewEvent(
            id: id, aggregateType: aggregateType, aggregateID: aggregateID, stream: "ORDERS",
            type: type, body: body.map { Array($0.utf8) })
    }

    /// A claim on an idempotency key for a request with that body.
    package static func claim(
        _ key: String, body: String = "body", expiresAt: Instant = time(86_400)
    ) -> IdempotencyClaim {
        IdempotencyClaim(key: key, digest: hash(body), expiresAt: expiresAt)
    }

    /// A definition whose hash is that of its source.
    package static func definition(
        _ name: String, version: Int = 1, source: String = "{}"
    ) -> DefinitionRecord {
        DefinitionRecord(name: name, version: version, hash: hash(source), source: source)
    }

    /// A command of the sample saga with that number.
    package static func command(
        _ number: Int, subject: String = "payments.debit", attempt: Int = 1, resend: Int = 0,
        saga: Int = 0, body: CommandBody = .document
    ) -> OutgoingCommand {
        let identity = SagaIdentity(
            id: sagaID(saga), name: "order", definitionVersion: 1, key: "key-\(saga)")
        var command = OpenCommand(
            id: sagaID(1_000_000 + number), path: "payment", kind: .command, subject: subject,
            body: body, since: epoch, dueAt: time(60), resendAt: time(30))
        command.attempt = attempt
        command.resend = resend
        let document = Value.map(Members([("number", .double(Double(number)))]))
        return OutgoingCommand(saga: identity, command: command, document: document)
    }

    /// An event as a store would give it back.
    package static func recorded(
        _ id: String, of aggregateID: String = "order-1", stream: String = "ORDERS",
        version: Int64 = 1
    ) -> RecordedEvent {
        var event = event(id, of: aggregateID, type: "\(stream).changed")
        event.stream = stream
        return RecordedEvent(event: event, version: version, sagaID: sagaID(0), recordedAt: epoch)
    }

    /// The key of the view of the aggregate `order` with that identity.
    package static func viewKey(_ id: String, of collection: String = "order") -> ViewKey {
        ViewKey(collection: collection, id: id)
    }

    /// A view of that aggregate.
    package static func view(
        _ id: String, of collection: String = "order", version: Int64 = 1, rebuild: Int64 = 0,
        status: String? = nil, customerID: String? = nil, createdAt: Instant = epoch,
        updatedAt: Instant = epoch, document: String = "{}"
    ) -> ViewRecord {
        ViewRecord(
            key: viewKey(id, of: collection), version: version, rebuild: rebuild, status: status,
            customerID: customerID, createdAt: createdAt, updatedAt: updatedAt,
            document: Array(document.utf8))
    }

    private static func hash(_ text: String) -> [UInt8] { SHA256.digest(of: Array(text.utf8)) }
}
