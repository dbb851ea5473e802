package import SagaCore
import Synchronization

/// The definitions that are loaded: every version that sagas may be pinned to, and which one new
/// sagas take.
package final class Catalog: Sendable {
    /// A definition with what the database knows it by.
    ///
    /// A class, as each input looks one up, and a copy is a retain for each of its many parts.
    package final class Entry: Sendable {
        /// The definition.
        package let definition: SagaDefinition
        /// SHA-256 of its canonical source.
        package let hash: [UInt8]
        /// Its rules.
        package let decider: Decider
        /// Whether any event that a participant appends may mean something to its sagas.
        package let takesEvents: Bool

        /// The definition with that hash.
        package init(definition: SagaDefinition, hash: [UInt8]) {
            self.definition = definition
            decider = Decider(definition)
            takesEvents = definition.aggregate != nil && !decider.takenEvents.isEmpty
            self.hash = hash
        }
    }

    /// What an appended event is known by before anything is looked up.
    private struct EventName: Hashable {
        let aggregateType: String
        let type: String
    }

    private struct Shelf {
        var entries: [String: [Int: Entry]] = [:]
        /// The names whose definitions stand in files now: only these start new sagas.
        var offered: [String: Int] = [:]
        /// What is offered and owns its intake path, by that path: looked up for each request.
        var intakes: [String: Entry] = [:]
        /// The definitions whose sagas an event may mean something to: looked up for each append.
        var takers: [EventName: [String]] = [:]
        /// The type of each stream's aggregates.
        var aggregateTypes: [String: String] = [:]

        /// What is offered, by name.
        var newest: [Entry] {
            offered.sorted { $0.key < $1.key }.compactMap { entries[$0.key]?[$0.value] }
        }

        /// Notes whose aggregates' events are whose.
        mutating func noteEvents() {
            takers = [:]
            aggregateTypes = [:]
            for (name, versions) in entries.sorted(by: { $0.key < $1.key }) {
                for (_, entry) in versions.sorted(by: { $0.key < $1.key }) {
                    guard let aggregate = entry.definition.aggregate else { continue }
                    if aggregateTypes[aggregate.stream] == nil {
                        aggregateTypes[aggregate.stream] = aggregate.type
                    }
                    for event in entry.decider.takenEvents {
                        let key = EventName(
                            aggregateType: aggregate.type, type: "\(aggregate.stream).\(event)")
                        if takers[key]?.last != name { takers[key, default: []].append(name) }
                    }
                }
            }
        }
    }

    private let shelf = Mutex(Shelf())

    /// An empty catalog.
    package init() {}

    /// Adds versions; new sagas of the names in `offered` take their newest version there.
    ///
    /// - Parameters:
    ///   - entries: definitions to add or replace, of any version.
    ///   - offered: the definitions that new sagas may use; replaces what was offered before.
    ///   - active: the names that own their intake paths; nil is all.
    package func replace(entries: [Entry], offered: [SagaDefinition], active: [String]?) {
        shelf.withLock { shelf in
            for entry in entries {
                let definition = entry.definition
                shelf.entries[definition.name, default: [:]][definition.version] = entry
            }
            shelf.offered = [:]
            for definition in offered {
                let newest = shelf.offered[definition.name] ?? 0
                shelf.offered[definition.name] = max(newest, definition.version)
            }
            let owners = active.map(Set.init)
            shelf.intakes = [:]
            for entry in shelf.newest where owners?.contains(entry.definition.name) ?? true {
                guard let path = entry.definition.intake?.path else { continue }
                // Of several the first by name.
                if shelf.intakes[path] == nil { shelf.intakes[path] = entry }
            }
            shelf.noteEvents()
        }
    }

    /// The definition of that name and version, or nil where it was never loaded.
    package func entry(name: String, version: Int) -> Entry? {
        shelf.withLock { $0.entries[name]?[version] }
    }

    /// The definition that a new saga of that name takes.
    package func newest(_ name: String) -> Entry? {
        shelf.withLock { shelf in
            shelf.offered[name].flatMap { shelf.entries[name]?[$0] }
        }
    }

    /// The definitions that new sagas take, by name.
    package var offered: [Entry] { shelf.withLock { $0.newest } }

    /// The definition whose intake is at that path, such as `/api/orders`.
    package func intake(path: String) -> Entry? { shelf.withLock { $0.intakes[path] } }

    /// The streams of all aggregates, each once, in order.
    package var streams: [String] { aggregateTypesByStream.keys.sorted() }

    /// The streams of all aggregates, each with their type; where definitions differ, that of the
    /// first by name and version.
    package var aggregateTypesByStream: [String: String] { shelf.withLock { $0.aggregateTypes } }

    /// The types of all aggregates, each once.
    package var aggregateTypes: [String] {
        let types = shelf.withLock { shelf in
            shelf.entries.values.flatMap { versions in
                versions.values.compactMap { $0.definition.aggregate?.type }
            }
        }
        return Set(types).sorted()
    }

    /// The names of the definitions to whose sagas an event may mean something, in order.
    package func takers(of event: NewEvent) -> [String] {
        let name = EventName(aggregateType: event.aggregateType, type: event.type)
        return shelf.withLock { $0.takers[name] ?? [] }
    }
}
