import SagaCore
import SagaRuntime
import SagaTestKit
import Synchronization

/// What ties one life of a daemon to the world: cut, nothing that it does has an effect any more.
final class Lifeline: StoreGate {
    private struct State {
        var isCut = false
        var frozenUntil: Instant?
    }

    private let world: World
    private let state = Mutex(State())

    /// Which life it is, of all daemons' lives.
    let number: Int

    init(_ world: World, number: Int) {
        self.world = world
        self.number = number
    }

    var isCut: Bool { state.withLock { $0.isCut } }

    func cut() { state.withLock { $0.isCut = true } }

    /// Lets nothing through until that time.
    func freeze(until instant: Instant) { state.withLock { $0.frozenUntil = instant } }

    /// Waits while the daemon is frozen; false once it is dead.
    func holds() async -> Bool {
        while let until = state.withLock({ $0.frozenUntil }), until > world.time.now(), !isCut {
            await world.time.wait(until - world.time.now())
        }
        return !isCut
    }

    /// Waits as a network does; false once the daemon is dead.
    func travel(_ microseconds: ClosedRange<Int>) async -> Bool {
        await world.time.wait(world.dice.time(microseconds))
        return await holds()
    }

    // MARK: The store's gate

    private static let writes: Set<StoreOperation> = [
        .start, .commit, .append, .markPublished, .rearm, .putViews, .remember, .claim, .leave,
    ]

    func enter(_ operation: StoreOperation) async throws -> StoreCourse {
        let isSlow = world.strikes(.storeSlow)
        guard await travel(isSlow ? 500_000...3_000_000 : 50...6000), !world.isStoreAway,
            !world.strikes(.storeAway)
        else { throw StoreError(.unavailable, "simulated: \(operation.rawValue)") }
        world.time.trace(operation.rawValue)
        if operation == .commit, world.strikes(.storeConflict) { return .fault(.conflict) }
        guard Self.writes.contains(operation) else { return .pass }
        if world.strikes(.storeLostAnswer) { return .fault(.lostAnswer) }
        if world.strikes(.storeLate) { return .late }
        return .pass
    }

    func leave(_ operation: StoreOperation) async throws {
        guard await travel(50...4000) else {
            throw StoreError(.unavailable, "simulated: the answer of \(operation.rawValue)")
        }
    }

    func later(_ effect: @escaping @Sendable () -> Void) {
        world.time.after(world.dice.milliseconds(1...8000)) { [time = world.time] in
            time.trace("late effect")
            effect()
        }
    }
}
