/// What tells a state of the model from all others: bytes, with their hash at hand.
struct StateKey: Hashable {
    /// The bytes.
    let bytes: [UInt8]
    private let spread: UInt64

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        // FNV-1a: hundreds of thousands are made, and no enemy chooses them.
        spread = bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    static func == (one: StateKey, other: StateKey) -> Bool {
        one.spread == other.spread && one.bytes == other.bytes
    }

    func hash(into hasher: inout Hasher) { hasher.combine(spread) }
}

extension [UInt8] {
    /// Adds a number below 256.
    mutating func add(_ number: Int) { append(UInt8(truncatingIfNeeded: number)) }

    /// Adds up to eight flags.
    mutating func add(flags: Bool...) {
        append(flags.reduce(0) { $0 << 1 | ($1 ? 1 : 0) })
    }

    /// Adds a text and where it ends.
    mutating func add(text: String) {
        append(contentsOf: text.utf8)
        append(0)
    }
}
