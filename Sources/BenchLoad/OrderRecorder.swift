import BenchLimit
import GRDB
import LoadClient
import NATS
import PostgreSQL
import SagaCore

/// Records one order's rows and messages as a daemon and participants make them, one step after the
/// other: participants are started one by one, so that each step can be looked at.
struct OrderRecorder {
    let programs: Programs

    private static let patience: Duration = .seconds(30)
    private static let commands = "SAGA_COMMANDS"
    private static let events = "ORDERS"

    func record() async throws -> Recording {
        try await Stage.run("bench-recording") { stage in
            let plan = Rig.Plan(kind: .postgresql, startsWorkers: false, programs: programs)
            let rig = try await Rig.start(plan, on: stage)
            let connection = try await NATS.Connection.connect(
                ConnectionOptions(servers: rig.broker.url, name: "sagad-bench"))
            let database = try PostgreSQL.Connection(settings: ConnectionSettings(url: rig.url))
            try await database.open()
            let recording = try await record(rig, JetStream(connection), database, stage)
            await database.close()
            await connection.close()
            return recording
        }
    }

    private func record(
        _ rig: Rig, _ jetStream: JetStream, _ database: PostgreSQL.Connection, _ stage: Stage
    ) async throws -> Recording {
        let order = OrderMix(declined: 0, rejected: 0, seed: 1).orders(1)
        _ = try await LoadLoop(
            port: rig.daemon.port, connections: 1, deadline: .now + Self.patience
        ).closed(order)
        var states = [try await state(1, database)]
        var commands = [try await command(1, jetStream)]
        for (place, role) in ["payment", "review"].enumerated() {
            let workers = try Workers(
                natsURL: rig.broker.url, only: role, on: stage, programs: programs)
            try await workers.start()
            states.append(try await state(place + 2, database))
            if role == "payment" { commands.append(try await command(2, jetStream)) }
        }
        let rows = try await rows(states, database)
        return Recording(
            input: try await bytes("SELECT input FROM sagas", database), rows: rows,
            commands: commands, events: try await events(jetStream),
            replies: try await replies(rig), view: try await view(rows.count, database))
    }

    /// What the row of the saga is at a version.
    private struct State {
        var status: SagaStatus
        var state: [UInt8]
        var wakeAt: Int64?
    }

    /// Waits until the saga has that version.
    private func state(_ version: Int, _ database: PostgreSQL.Connection) async throws -> State {
        var found: State?
        try await eventually(within: Self.patience, "the order is at version \(version)") {
            let rows = try await database.execute(
                "SELECT version, status, state, wake_at FROM sagas")
            guard let row = rows.first, try row.int(0) == version,
                let status = SagaStatus(rawValue: try row.text(1))
            else { return false }
            found = State(
                status: status, state: try row.bytes(2), wakeAt: try row.optionalTimestamptz(3))
            return true
        }
        guard let found else { throw LaunchFailure(description: "the order is gone") }
        return found
    }

    private func rows(
        _ states: [State], _ database: PostgreSQL.Connection
    ) async throws -> [Recording.Row] {
        let journal = try await database.execute(
            "SELECT entry FROM saga_journal ORDER BY version"
        ).map { try $0.bytes(0) }
        let events = try await database.execute(
            "SELECT event_type, data FROM events ORDER BY version"
        ).map { (type: try $0.text(0), body: Array(try ($0.optionalText(1) ?? "").utf8)) }
        guard journal.count == states.count, events.count == states.count else {
            throw LaunchFailure(
                description: "expected one event for each transition of an order, found "
                    + "\(events.count) for \(journal.count)")
        }
        return states.indices.map { place in
            let state = states[place]
            return Recording.Row(
                state.status, state: state.state, journal: journal[place],
                wakes: state.wakeAt != nil,
                keepsWakeUp: place > 0 && state.wakeAt != nil
                    && state.wakeAt == states[place - 1].wakeAt,
                event: events[place])
        }
    }

    private func bytes(
        _ query: String, _ database: PostgreSQL.Connection
    ) async throws -> [UInt8] {
        try await database.execute(query).first?.bytes(0) ?? []
    }

    private func view(
        _ version: Int, _ database: PostgreSQL.Connection
    ) async throws -> [UInt8] {
        var document = ""
        try await eventually(within: Self.patience, "the order's view is up to date") {
            let rows = try await database.execute("SELECT version, document FROM views")
            guard let row = rows.first, try row.int(0) == version else { return false }
            document = try row.text(1)
            return true
        }
        return Array(document.utf8)
    }

    private func command(_ sequence: UInt64, _ jetStream: JetStream) async throws -> Recording.Sent
    {
        var found: StoredMessage?
        try await eventually(within: Self.patience, "command \(sequence) is in its stream") {
            found = try await jetStream.message(sequence, in: Self.commands)
            return found != nil
        }
        guard let found else { throw LaunchFailure(description: "the command is gone") }
        return Recording.Sent(found)
    }

    private func events(_ jetStream: JetStream) async throws -> [Recording.Sent] {
        var events: [Recording.Sent] = []
        for sequence in 1...UInt64(Recording.transitions) {
            try await eventually(within: Self.patience, "event \(sequence) is in its stream") {
                guard let message = try await jetStream.message(sequence, in: Self.events) else {
                    return false
                }
                events.append(Recording.Sent(message))
                return true
            }
        }
        return events
    }

    /// The bodies of the replies, as the participants remember them.
    private func replies(_ rig: Rig) async throws -> [[UInt8]] {
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: rig.workers.ledgerFile, configuration: configuration)
        return try await queue.read { database in
            try ["payments_commands", "reviews_commands"].compactMap { table in
                try GRDB.Row.fetchOne(database, sql: "SELECT answer FROM \(table)").map { row in
                    Array((row[0] as GRDB.DatabaseValue).storage.bytes)
                }
            }
        }
    }
}

extension GRDB.DatabaseValue.Storage {
    /// The bytes of a blob or a text; none of anything else.
    fileprivate var bytes: [UInt8] {
        if case .blob(let data) = self { return Array(data) }
        if case .string(let text) = self { return Array(text.utf8) }
        return []
    }
}

extension Recording.Sent {
    fileprivate init(_ message: StoredMessage) {
        self.init(subject: message.subject, message.headers, body: message.payload)
    }
}
