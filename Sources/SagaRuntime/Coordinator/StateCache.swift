import SagaCore
import Synchronization

/// The states that this daemon wrote or read last: a hint that saves reads, guarded by the version
/// check of each commit.
final class StateCache: Sendable {
    /// A saga as it was last seen here.
    struct Cached: Sendable {
        /// The saga.
        var state: SagaState
        /// The row's wake-up, which may be earlier than the state needs.
        var wakeAt: Instant?
        /// Whether this daemon wrote it last, as far as is known here.
        var isWritten: Bool
        /// Where the messages of its open commands lie.
        var receipts: [CommandID: PublishReceipt] = [:]

        /// Takes the saga as it is now; receipts of commands that are still open stay.
        mutating func renew(_ state: SagaState, wakeAt: Instant?, isWritten: Bool) {
            self.isWritten = isWritten || self.isWritten && self.state.version == state.version
            self.state = state
            self.wakeAt = wakeAt
            let isAnyClosed = receipts.keys.contains { id in
                !state.open.contains { $0.id == id }
            }
            guard isAnyClosed else { return }
            receipts = receipts.filter { receipt in
                state.open.contains { $0.id == receipt.key }
            }
        }

        /// Keeps a receipt if the command is still open.
        mutating func note(_ receipt: PublishReceipt, of command: CommandID) {
            guard state.open.contains(where: { $0.id == command }) else { return }
            receipts[command] = receipt
        }
    }

    /// A saga's place: a class, so that a place that is free takes a word of the dictionary.
    private final class Place {
        var saga: Cached

        init(_ saga: Cached) { self.saga = saga }
    }

    private struct Shelf {
        var sagas: [SagaID: Place] = [:]
        /// In the order of insertion, for eviction; may name sagas that are gone.
        var order: [SagaID] = []
        var head = 0
    }

    private let shelf = Mutex(Shelf())
    private let capacity: Int

    init(capacity: Int) { self.capacity = capacity }

    subscript(id: SagaID) -> Cached? { shelf.withLock { $0.sagas[id]?.saga } }

    /// The name of a saga's definition; nil where the saga is not here.
    func definition(of id: SagaID) -> String? {
        shelf.withLock { $0.sagas[id]?.saga.state.identity.name }
    }

    /// Keeps a saga as it is now; receipts of commands that are still open stay.
    ///
    /// - Parameter isWritten: whether this daemon wrote the state, and did not only read it.
    func store(_ state: SagaState, wakeAt: Instant?, isWritten: Bool) {
        shelf.withLock { shelf in
            let id = state.identity.id
            if let place = shelf.sagas[id] {
                place.saga.renew(state, wakeAt: wakeAt, isWritten: isWritten)
            } else {
                shelf.sagas[id] = Place(
                    Cached(state: state, wakeAt: wakeAt, isWritten: isWritten))
                shelf.order.append(id)
            }
            while shelf.sagas.count > capacity, shelf.head < shelf.order.count {
                shelf.sagas[shelf.order[shelf.head]] = nil
                shelf.head += 1
            }
            if shelf.head > capacity || shelf.order.count > 4 * capacity { Self.compact(&shelf) }
        }
    }

    func note(_ receipt: PublishReceipt, of command: CommandID, in id: SagaID) {
        shelf.withLock { $0.sagas[id]?.saga.note(receipt, of: command) }
    }

    /// Forgets where all messages lie, for a stream that lost some.
    func forgetReceipts() {
        shelf.withLock { shelf in
            for place in shelf.sagas.values { place.saga.receipts = [:] }
        }
    }

    func remove(_ id: SagaID) { shelf.withLock { $0.sagas[id] = nil } }

    /// Notes the wake-ups that were moved, of sagas that are still at that version.
    func note(_ rearmings: [Rearming]) {
        shelf.withLock { shelf in
            for rearming in rearmings {
                guard let place = shelf.sagas[rearming.id],
                    place.saga.state.version == rearming.version
                else { continue }
                place.saga.wakeAt = rearming.wakeAt
            }
        }
    }

    private static func compact(_ shelf: inout Shelf) {
        var seen: Set<SagaID> = []
        shelf.order = shelf.order[shelf.head...].filter {
            shelf.sagas[$0] != nil && seen.insert($0).inserted
        }
        shelf.head = 0
    }
}
