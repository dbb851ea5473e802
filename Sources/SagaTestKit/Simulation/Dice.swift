import Synchronization

/// Random choices that follow from a seed alone.
final class Dice: Sendable {
    private let state: Mutex<UInt64>

    init(seed: UInt64) { state = Mutex(seed &* 0x2545_F491_4F6C_DD1D &+ 0x9E37_79B9) }

    /// A number of 64 random bits, after SplitMix64.
    func number() -> UInt64 {
        state.withLock { state in
            state &+= 0x9E37_79B9_7F4A_7C15
            var bits = state
            bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
            bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
            return bits ^ (bits >> 31)
        }
    }

    /// A number from 0 up to, not including, `count`.
    func below(_ count: Int) -> Int { Int(number() % UInt64(count)) }

    /// A number of that range.
    func among(_ range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }

    /// Whether something of that probability happens.
    func chance(_ probability: Double) -> Bool {
        probability > 0 && Double(number() >> 11) * 0x1p-53 < probability
    }

    /// A time of that many microseconds.
    func time(_ range: ClosedRange<Int>) -> Duration { .microseconds(among(range)) }

    /// A time of that many milliseconds.
    func milliseconds(_ range: ClosedRange<Int>) -> Duration {
        time(range.lowerBound * 1000...range.upperBound * 1000)
    }

    /// One of several, each as likely.
    func pick<Choice>(_ choices: [Choice]) -> Choice { choices[below(choices.count)] }

    /// The same elements in any order.
    func shuffled<Element>(_ elements: [Element]) -> [Element] {
        var shuffled = elements
        for place in shuffled.indices.dropFirst() { shuffled.swapAt(place, below(place + 1)) }
        return shuffled
    }
}
