import Glibc
package import SagaCore
import Synchronization

/// Random bits from the system, fetched many at a time: the system is asked once for a dozen
/// identities. With a seed they are the same each time, for a simulation.
package final class RandomSource: Sendable {
    /// How many numbers one request fetches: what `getentropy` gives at most.
    private static let words = 32
    /// How many identities in a row have the same place: about those of the starts of a batch.
    private static let row = 64

    private struct State {
        var numbers: [UInt64] = []
        /// The place of the next identities, and how many of them still have it.
        var place: UInt64 = 0
        var left = 0
        /// What the next numbers follow from; nil asks the system.
        var seed: UInt64?
    }

    private let state: Mutex<State>

    /// A source of the system's numbers.
    package init() { state = Mutex(State()) }

    /// A source of numbers that follow from the seed alone.
    package init(seed: UInt64) { state = Mutex(State(seed: seed)) }

    /// A new identity; those of a batch lie side by side in an index, most of them.
    package func identity(at now: Instant) -> SagaID {
        state.withLock { state in
            let (high, low) = (Self.next(&state), Self.next(&state))
            if state.left == 0 { (state.place, state.left) = (high >> 60, Self.row) }
            state.left -= 1
            return SagaID(place: state.place, at: now, randomBits: high, low)
        }
    }

    /// A number of 64 random bits.
    func number() -> UInt64 { state.withLock { Self.next(&$0) } }

    /// A number from 0 up to, not including, 1.
    func fraction() -> Double { Double(number() >> 11) * 0x1p-53 }

    private static func next(_ state: inout State) -> UInt64 {
        if let seed = state.seed {
            state.seed = seed &+ 0x9E37_79B9_7F4A_7C15
            return mixed(seed)
        }
        if let number = state.numbers.popLast() { return number }
        state.numbers = systemNumbers()
        return state.numbers.removeLast()
    }

    /// SplitMix64's mixing of a counter.
    private static func mixed(_ counter: UInt64) -> UInt64 {
        var bits = (counter ^ (counter >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    private static func systemNumbers() -> [UInt64] {
        [UInt64](unsafeUninitializedCapacity: words) { buffer, count in
            guard let start = buffer.baseAddress else { return }
            let status = getentropy(start, words * MemoryLayout<UInt64>.size)
            precondition(status == 0, "The system gives so many random bytes without waiting.")
            count = words
        }
    }
}
