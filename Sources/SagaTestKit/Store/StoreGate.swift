package import SagaCore
package import SagaRuntime
import Synchronization

/// What lies between an ``InMemoryStore`` and one of its users, such as a daemon that a simulation
/// may crash.
package protocol StoreGate: Sendable {
    /// Comes before a call's effect: may wait, and throws where the call never arrives.
    func enter(_ operation: StoreOperation) async throws -> StoreCourse

    /// Comes between a call's effect and its answer: may wait, and throws where the answer is lost.
    func leave(_ operation: StoreOperation) async throws

    /// Carries out later the effect of a call whose caller heard that the store was away.
    func later(_ effect: @escaping @Sendable () -> Void)
}

/// What becomes of a call that a gate lets in.
package enum StoreCourse: Sendable {
    /// It meets the faults that the store was asked for, and no other.
    case pass
    /// It meets that fault.
    case fault(StoreFault)
    /// It throws ``StoreError/Kind/unavailable``, and is carried out later all the same.
    case late
}

/// The tables of a store and its faults, which all its users share.
final class StoreShelf: Sendable {
    private let state = Mutex(InMemoryStore.State())

    func withLock<Result: Sendable>(
        _ body: (inout InMemoryStore.State) throws -> Result
    ) rethrows -> Result {
        try state.withLock { try body(&$0) }
    }
}

/// What a simulation looks at between two steps, past all faults.
extension InMemoryStore {
    /// The saga as its row is now.
    package func row(of id: SagaID) -> SagaRecord? {
        state.withLock { $0.tables.sagas[id] }
    }

    /// All sagas, by identity.
    package var rows: [SagaRecord] {
        state.withLock { state in
            state.tables.sagas.values.sorted { $0.identity.id < $1.identity.id }
        }
    }

    /// The journal of a saga, oldest row first.
    package func journalRows(of id: SagaID) -> [JournalRecord] {
        state.withLock { $0.tables.journals[id, default: []].map(\.record) }
    }

    /// The hashes of the decisions that are stored of a saga, in order.
    package func decisionHashes(of id: SagaID) -> [[UInt8]] {
        state.withLock { $0.tables.journals[id, default: []].map(\.decisionHash) }
    }

    /// The version of the event of that identity; nil where there is none.
    package func version(ofEvent id: String) -> Int64? {
        state.withLock { $0.tables.eventVersions[ByteText(id)] }
    }

    /// Every event in the order in which it was recorded.
    package var recordedEvents: [RecordedEvent] { state.withLock { $0.tables.feed } }

    /// How many events wait for their acknowledgement to be recorded.
    package var unpublishedCount: Int { state.withLock { $0.tables.outbox.count } }

    /// The view of an aggregate.
    package func viewRow(of key: ViewKey) -> ViewRecord? {
        state.withLock { $0.tables.views[key] }
    }
}
