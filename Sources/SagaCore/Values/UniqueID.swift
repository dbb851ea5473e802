/// A 128-bit identity, written as a UUID: lower-case hexadecimal in five groups.
package struct UniqueID: Hashable, Comparable, Sendable {
    /// The first eight bytes, big-endian.
    package let high: UInt64
    /// The last eight bytes, big-endian.
    package let low: UInt64

    /// The identity with these bits.
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A version 4 UUID over the given random bits.
    package init(randomBits high: UInt64, _ low: UInt64) {
        self.high = (high & ~0xF000) | 0x4000
        self.low = (low & ~(0xC000 << 48)) | (0x8000 << 48)
    }

    /// A version 8 UUID (RFC 9562, section 5.8): a place, a time in milliseconds, random bits.
    ///
    /// In an index, what is made in a row lies side by side, so that a batch touches few pages,
    /// and old identities are left alone; and several places share the writes of a database that
    /// keeps ranges of keys on different machines.
    ///
    /// - Parameter place: its lowest four bits count.
    package init(place: UInt64, at time: Instant, randomBits high: UInt64, _ low: UInt64) {
        let milliseconds = UInt64(bitPattern: time.microseconds / 1000) & 0xFFF_FFFF_FFFF
        self.init(front: place << 60 | milliseconds << 16, high, low)
    }

    /// The version 8 UUID of numbers beside this identity: its first 48 bits, so that both lie side
    /// by side in an index, then those of a SHA-1 digest.
    ///
    /// What is digested are the big-endian bytes of this identity and of the numbers: a saga's
    /// version, then an ordinal.
    package func neighbour(_ numbers: UInt64...) -> UniqueID {
        var message: [UInt8] = []
        message.reserveCapacity(16 + numbers.count * 8)
        message.append(bigEndian: high)
        message.append(bigEndian: low)
        for number in numbers { message.append(bigEndian: number) }
        let digest = UniqueID(version5: message)
        return UniqueID(front: high, digest.high, digest.low)
    }

    /// The first 48 bits of the front, 12 of `high` and 62 of `low`.
    private init(front: UInt64, _ high: UInt64, _ low: UInt64) {
        self.high = (front & ~0xFFFF) | 0x8000 | (high & 0xFFF)
        self.low = (low & ~(0xC000 << 48)) | (0x8000 << 48)
    }

    /// The version 5 UUID (RFC 9562, section 5.5) of a text within this identity's namespace.
    package func derived(_ name: String) -> UniqueID {
        var message: [UInt8] = []
        message.reserveCapacity(16 + name.utf8.count)
        message.append(bigEndian: high)
        message.append(bigEndian: low)
        message.append(contentsOf: name.utf8)
        return UniqueID(version5: message)
    }

    private init(version5 message: [UInt8]) {
        let digest = SHA1.words(of: message)
        let high = UInt64(digest.0) << 32 | UInt64(digest.1)
        let low = UInt64(digest.2) << 32 | UInt64(digest.3)
        self.high = (high & ~0xF000) | 0x5000
        self.low = (low & ~(0xC000 << 48)) | (0x8000 << 48)
    }

    /// Whether the left comes first in the order of the bytes.
    package static func < (left: UniqueID, right: UniqueID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    /// A stable spread of identities over that many shards: 0 up to, not including, `count`.
    package func shard(of count: Int) -> Int {
        var mixed = high ^ low
        mixed = (mixed ^ (mixed >> 33)) &* 0xFF51_AFD7_ED55_8CCD
        mixed ^= mixed >> 33
        return Int(mixed % UInt64(count))
    }
}

/// Identifies a saga.
package typealias SagaID = UniqueID

/// Identifies a command over all its attempts and resends: the participant's idempotency key.
package typealias CommandID = UniqueID

extension UniqueID: CustomStringConvertible {
    /// The UUID in its text form.
    package var description: String {
        String(unsafeUninitializedCapacity: Self.textLength, initializingUTF8With: writeText)
    }

    /// Writes the text form and answers its length.
    func writeText(into bytes: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var end = 0
        for place in 0..<32 {
            if place == 8 || place == 12 || place == 16 || place == 20 {
                bytes[end] = 45
                end += 1
            }
            let word = place < 16 ? high : low
            let nibble = UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * (place & 15))) & 15
            bytes[end] = nibble < 10 ? 48 + nibble : 87 + nibble
            end += 1
        }
        return end
    }

    /// The length of the text form in bytes.
    package static let textLength = 36

    /// The identity that a UUID's text form names, in either case; nil for anything else.
    package init?(_ text: String) {
        guard text.utf8.count == Self.textLength else { return nil }
        self.init(utf8: Array(text.utf8)[...])
    }

    /// The identity that the bytes of a UUID's text form name; nil for anything else.
    package init?(utf8 text: ArraySlice<UInt8>) {
        guard text.count == Self.textLength else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        for place in 0..<Self.textLength {
            let byte = text[text.startIndex + place]
            if place == 8 || place == 13 || place == 18 || place == 23 {
                guard byte == 45 else { return nil }
                continue
            }
            guard let nibble = hexadecimal(byte) else { return nil }
            if place < 18 {
                words.0 = words.0 << 4 | UInt64(nibble)
            } else {
                words.1 = words.1 << 4 | UInt64(nibble)
            }
        }
        self.init(high: words.0, low: words.1)
    }
}

private func hexadecimal(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 48...57: byte - 48
    case 65...70: byte - 55
    case 97...102: byte - 87
    default: nil
    }
}

extension [UInt8] {
    mutating func append(bigEndian number: UInt64) {
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}
