import SagaCore
import SagaRuntime
import SagaTestKit

/// What must hold once a simulation is over.
struct Checks {
    let world: World
    let broker: Broker

    private var ledger: Ledger { broker.participants.ledger }

    /// What is still to come, in words; nil where everything has come to an end.
    var unfinished: String? {
        for row in world.store.rows {
            if row.endedAt == nil { return "saga \(row.identity.id) is \(row.status.rawValue)" }
            if row.needsPerson { return "saga \(row.identity.id) waits for a person" }
            if let state = try? SagaState(record: row), !state.open.isEmpty {
                return "saga \(row.identity.id) has open commands"
            }
        }
        let unpublished = world.store.unpublishedCount
        if unpublished > 0 { return "\(unpublished) events wait to be published" }
        if let event = broker.missing(world.store.recordedEvents).first {
            return "event \(event.event.type) \(event.event.id) is not on its stream"
        }
        if let key = staleView { return "the view of \(key.collection) \(key.id) is behind" }
        return broker.isQuiet ? nil : "commands or replies are under way"
    }

    private var staleView: ViewKey? {
        var versions: [ViewKey: Int64] = [:]
        for event in world.store.recordedEvents {
            let key = ViewKey(event.event)
            versions[key] = max(versions[key] ?? 0, event.version)
        }
        return versions.keys.sorted().first { world.store.viewRow(of: $0)?.version != versions[$0] }
    }

    /// Looks at everything, and notes what is broken.
    func run() {
        let rows = world.store.rows
        for row in rows {
            checkFold(row)
            checkIsDone(row)
        }
        checkLedger(rows)
        checkEvents()
    }

    /// The journal folds to the stored state.
    private func checkFold(_ row: SagaRecord) {
        let id = row.identity.id
        let rows = world.store.journalRows(of: id)
        if rows.map(\.version) != Array(1...max(row.version, 1)) {
            world.violate("the journal of \(id) has versions \(rows.map(\.version))")
        }
        guard let input = try? Value(json: row.input),
            let stored = try? SagaState(record: row)
        else { return world.violate("saga \(id) cannot be read") }
        var folded = SagaState(identity: row.identity, input: input, startedAt: row.startedAt)
        for hash in world.store.decisionHashes(of: id) {
            guard let entries = world.decisions.entries(of: hash) else {
                return world.violate("saga \(id) has a transition that nobody decided")
            }
            for entry in entries { folded.evolve(by: entry) }
            folded.version += 1
        }
        if folded != stored {
            world.violate("the journal of \(id) does not fold to the stored state")
        }
    }

    /// What stands done at the participants is what a saga's end says.
    private func checkLedger(_ rows: [SagaRecord]) {
        let byKey = Dictionary(rows.map { ($0.identity.key, $0) }) { first, _ in first }
        for (command, count) in ledger.done.sorted(by: { $0.key < $1.key }) {
            let row = ledger.key(of: command).flatMap { byKey[$0] }
            guard let row, let state = try? SagaState(record: row) else {
                world.violate("command \(command) is done, and there is no saga that sent it")
                continue
            }
            if count > 1 { world.violate("command \(command) was done \(count) times") }
            if !ledger.isKept(command) { checkIsWanted(command, row, state) }
        }
    }

    /// What stands done, and could be taken back, is of a completed step of a saga that went forward.
    private func checkIsWanted(_ command: String, _ row: SagaRecord, _ state: SagaState) {
        let saga = "\(row.identity.name) \(row.identity.id), \(row.status.rawValue)"
        guard let step = state.steps.first(where: { $0.value.commandID?.description == command })
        else {
            return world.violate("command \(command) is done, and no step of \(saga) has it")
        }
        let isWanted =
            step.value.phase == .completed && !step.value.isTakenBack && row.status != .compensated
        if !isWanted {
            world.violate(
                "step \(step.key) of \(saga) is \(step.value.phase.rawValue), and stands done")
        }
    }

    /// What a completed saga takes for done is done at its participants.
    private func checkIsDone(_ row: SagaRecord) {
        guard row.status == .completed, let state = try? SagaState(record: row) else { return }
        for (path, step) in state.steps.sorted(by: { $0.key < $1.key })
        where step.phase == .completed && Definitions.isCommanded(path) {
            guard let command = step.commandID?.description, ledger.done[command] != 1 else {
                continue
            }
            world.violate(
                "step \(path) of \(row.identity.name) \(row.identity.id) is completed, and not done "
                    + "at its participant")
        }
    }

    /// Events have no gap, are on their streams, and are in their views.
    private func checkEvents() {
        var byKey: [ViewKey: [RecordedEvent]] = [:]
        for event in world.store.recordedEvents {
            byKey[ViewKey(event.event), default: []].append(event)
        }
        for (key, events) in byKey.sorted(by: { $0.key < $1.key }) {
            if events.map(\.version) != Array(1...Int64(events.count)) {
                world.violate("\(key.collection) \(key.id) has versions \(events.map(\.version))")
            }
            var types: Set<String> = []
            for event in events
            where !Definitions.compensations.contains(event.event.type)
                && !types.insert(event.event.type).inserted
            {
                world.violate("\(key.collection) \(key.id) has \(event.event.type) twice")
            }
            var document = AggregateDocument()
            document.apply(events)
            let view = world.store.viewRow(of: key).flatMap { AggregateDocument($0) }
            if view?.value != document.value {
                world.violate("the view of \(key.collection) \(key.id) is not what its events say")
            }
        }
        for event in broker.missing(world.store.recordedEvents) {
            world.violate("event \(event.event.type) \(event.event.id) is not on its stream")
        }
        for event in broker.strangers(world.store.recordedEvents) {
            world.violate("event \(event) is on a stream, and is not stored")
        }
    }
}
