import Glibc
import SagaCore
import Synchronization

/// Random bits from the system, fetched many at a time: the system is asked once for a dozen
/// identities.
final class RandomSource: Sendable {
    /// How many numbers one request fetches: what `getentropy` gives at most.
    private static let words = 32

    private let numbers = Mutex<[UInt64]>([])

    /// A random identity.
    func identity() -> SagaID {
        let (high, low) = numbers.withLock { (Self.next(&$0), Self.next(&$0)) }
        return SagaID(randomBits: high, low)
    }

    /// A number from 0 up to, not including, 1.
    func fraction() -> Double {
        Double(numbers.withLock { Self.next(&$0) } >> 11) * 0x1p-53
    }

    private static func next(_ numbers: inout [UInt64]) -> UInt64 {
        if let number = numbers.popLast() { return number }
        numbers = systemNumbers()
        return numbers.removeLast()
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
