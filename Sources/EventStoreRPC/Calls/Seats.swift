import GRPCCore
import Synchronization

/// Places for what goes on at once: so many, and no more.
///
/// A final class because all calls share it.
final class Seats: Sendable {
    private let free: Mutex<Int>
    private let count: Int

    /// That many places.
    init(_ count: Int) {
        self.count = count
        free = Mutex(count)
    }

    /// How many are taken.
    var taken: Int { count - free.withLock { $0 } }

    /// Takes a place; false where none is free.
    func take() -> Bool {
        free.withLock { free in
            guard free > 0 else { return false }
            free -= 1
            return true
        }
    }

    /// Gives a place back that was taken.
    func giveBack() { free.withLock { $0 += 1 } }

    /// Does something in a place of its own.
    ///
    /// - Throws: what the body throws, and `refusal` where no place is free.
    func sit<Result>(
        orThrow refusal: @autoclosure () -> any Error, _ body: () async throws -> Result
    ) async throws -> Result {
        guard take() else { throw refusal() }
        defer { giveBack() }
        return try await body()
    }
}
