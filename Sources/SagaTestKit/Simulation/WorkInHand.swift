import Synchronization

/// The commands that participants have begun to work on, and of which nothing is known yet, by id.
final class WorkInHand: Sendable {
    private let ids = Mutex<Set<String>>([])

    func begin(_ id: String) { ids.withLock { _ = $0.insert(id) } }

    func end(_ id: String) { ids.withLock { _ = $0.remove(id) } }

    func contains(_ id: String) -> Bool { ids.withLock { $0.contains(id) } }

    var isEmpty: Bool { ids.withLock { $0.isEmpty } }
}
