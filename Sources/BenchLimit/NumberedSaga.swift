import SagaCore

/// The identities of the n-th saga: as the daemon's, those of a batch side by side, and read back
/// without looking anything up.
struct NumberedSaga: Hashable, Sendable {
    /// From 0.
    let number: Int

    /// The bits that hold the number in a command's identity, and those that hold its place.
    private static let placeBits: UInt64 = 2
    private static let payload: UInt64 = (1 << 62) - 1

    init(_ number: Int) { self.number = number }

    /// The saga's identity, which is its key, too.
    var id: SagaID { identity(Self.mixed(UInt64(number)), Self.mixed(~UInt64(number))) }

    /// The identity of the command at that place.
    func command(_ place: Int) -> CommandID {
        let low = UInt64(number) << Self.placeBits | UInt64(place)
        return identity(Self.mixed(low &+ 0x5DEE_CE66), low)
    }

    /// The identity of the event at that place.
    func event(_ place: Int) -> String {
        let low = UInt64(number) << Self.placeBits | UInt64(place)
        return identity(Self.mixed(low &+ 0xB504_F333), Self.mixed(low)).description
    }

    /// The saga and the place that a command's identity was made of.
    static func reading(_ command: CommandID) -> (saga: NumberedSaga, place: Int) {
        let low = command.low & payload
        return (NumberedSaga(Int(low >> placeBits)), Int(low & ((1 << placeBits) - 1)))
    }

    /// Thirty-two sagas in a row have one place, and the sagas of a millisecond one time.
    private func identity(_ high: UInt64, _ low: UInt64) -> UniqueID {
        UniqueID(
            place: Self.mixed(UInt64(number / 32)), at: Instant(microseconds: Int64(number) * 800),
            randomBits: high, low)
    }

    /// SplitMix64: different numbers stay different.
    private static func mixed(_ number: UInt64) -> UInt64 {
        var mixed = number &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
