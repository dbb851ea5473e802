/// SHA-1 (FIPS 180-4), for UUIDs only.
enum SHA1 {
    /// The five words of a message's digest.
    static func words(of message: [UInt8]) -> Hash {
        var hash: Hash = (0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0)
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 80) { schedule in
            forEachBlock(of: message) { block in
                prepare(schedule, from: block)
                compress(schedule, into: &hash)
            }
        }
        return hash
    }

    typealias Hash = (UInt32, UInt32, UInt32, UInt32, UInt32)

    private static func prepare(
        _ schedule: UnsafeMutableBufferPointer<UInt32>, from block: UnsafeRawPointer
    ) {
        for index in 0..<16 { schedule[index] = bigEndianWord(index, of: block) }
        for index in 16..<80 {
            let mixed =
                schedule[index &- 3] ^ schedule[index &- 8] ^ schedule[index &- 14]
                ^ schedule[index &- 16]
            schedule[index] = rotateLeft(mixed, 1)
        }
    }

    private static func compress(
        _ schedule: UnsafeMutableBufferPointer<UInt32>, into hash: inout Hash
    ) {
        var (a, b, c, d, e) = hash
        func turn(_ mixed: UInt32, _ constant: UInt32, _ index: Int) {
            let next = rotateLeft(a, 5) &+ mixed &+ e &+ constant &+ schedule[index]
            (e, d, c, b, a) = (d, c, rotateLeft(b, 30), a, next)
        }
        for index in 0..<20 { turn((b & c) | (~b & d), 0x5A82_7999, index) }
        for index in 20..<40 { turn(b ^ c ^ d, 0x6ED9_EBA1, index) }
        for index in 40..<60 { turn((b & c) | (b & d) | (c & d), 0x8F1B_BCDC, index) }
        for index in 60..<80 { turn(b ^ c ^ d, 0xCA62_C1D6, index) }
        hash = (hash.0 &+ a, hash.1 &+ b, hash.2 &+ c, hash.3 &+ d, hash.4 &+ e)
    }
}

/// SHA-256 (FIPS 180-4): the proof of a decision and of a definition's content.
package enum SHA256 {
    /// The 32 bytes of a message's digest.
    package static func digest(of message: [UInt8]) -> [UInt8] {
        var hash: InlineArray<8, UInt32> = [
            0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A,
            0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19,
        ]
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { schedule in
            forEachBlock(of: message) { block in
                prepare(schedule, from: block)
                compress(schedule, into: &hash)
            }
        }
        var digest: [UInt8] = []
        digest.reserveCapacity(32)
        for index in hash.indices {
            for shift in stride(from: UInt32(24), through: 0, by: -8) {
                digest.append(UInt8(truncatingIfNeeded: hash[index] >> shift))
            }
        }
        return digest
    }

    private static func prepare(
        _ schedule: UnsafeMutableBufferPointer<UInt32>, from block: UnsafeRawPointer
    ) {
        for index in 0..<16 { schedule[index] = bigEndianWord(index, of: block) }
        for index in 16..<64 {
            let early = schedule[index &- 15]
            let late = schedule[index &- 2]
            let sigma0 = rotateRight(early, 7) ^ rotateRight(early, 18) ^ (early >> 3)
            let sigma1 = rotateRight(late, 17) ^ rotateRight(late, 19) ^ (late >> 10)
            schedule[index] =
                schedule[index &- 16] &+ sigma0 &+ schedule[index &- 7] &+ sigma1
        }
    }

    private static func compress(
        _ schedule: UnsafeMutableBufferPointer<UInt32>, into hash: inout InlineArray<8, UInt32>
    ) {
        var (a, b, c, d) = (hash[0], hash[1], hash[2], hash[3])
        var (e, f, g, h) = (hash[4], hash[5], hash[6], hash[7])
        for start in stride(from: 0, to: 64, by: 8) {
            func word(_ index: Int) -> UInt32 {
                constants[unchecked: start &+ index] &+ schedule[start &+ index]
            }
            // The names change places instead of the values.
            turn(a, b, c, &d, e, f, g, &h, word(0))
            turn(h, a, b, &c, d, e, f, &g, word(1))
            turn(g, h, a, &b, c, d, e, &f, word(2))
            turn(f, g, h, &a, b, c, d, &e, word(3))
            turn(e, f, g, &h, a, b, c, &d, word(4))
            turn(d, e, f, &g, h, a, b, &c, word(5))
            turn(c, d, e, &f, g, h, a, &b, word(6))
            turn(b, c, d, &e, f, g, h, &a, word(7))
        }
        (hash[0], hash[1]) = (hash[0] &+ a, hash[1] &+ b)
        (hash[2], hash[3]) = (hash[2] &+ c, hash[3] &+ d)
        (hash[4], hash[5]) = (hash[4] &+ e, hash[5] &+ f)
        (hash[6], hash[7]) = (hash[6] &+ g, hash[7] &+ h)
    }

    @inline(__always)
    private static func turn(
        _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: inout UInt32,
        _ e: UInt32, _ f: UInt32, _ g: UInt32, _ h: inout UInt32, _ word: UInt32
    ) {
        let sum1 = rotateRight(e, 6) ^ rotateRight(e, 11) ^ rotateRight(e, 25)
        let choice = g ^ (e & (f ^ g))
        let first = h &+ sum1 &+ choice &+ word
        let sum0 = rotateRight(a, 2) ^ rotateRight(a, 13) ^ rotateRight(a, 22)
        let majority = (a & b) ^ (c & (a ^ b))
        d = d &+ first
        h = first &+ sum0 &+ majority
    }

    private static let constants: InlineArray<64, UInt32> = [
        0x428A_2F98, 0x7137_4491, 0xB5C0_FBCF, 0xE9B5_DBA5, 0x3956_C25B, 0x59F1_11F1,
        0x923F_82A4, 0xAB1C_5ED5, 0xD807_AA98, 0x1283_5B01, 0x2431_85BE, 0x550C_7DC3,
        0x72BE_5D74, 0x80DE_B1FE, 0x9BDC_06A7, 0xC19B_F174, 0xE49B_69C1, 0xEFBE_4786,
        0x0FC1_9DC6, 0x240C_A1CC, 0x2DE9_2C6F, 0x4A74_84AA, 0x5CB0_A9DC, 0x76F9_88DA,
        0x983E_5152, 0xA831_C66D, 0xB003_27C8, 0xBF59_7FC7, 0xC6E0_0BF3, 0xD5A7_9147,
        0x06CA_6351, 0x1429_2967, 0x27B7_0A85, 0x2E1B_2138, 0x4D2C_6DFC, 0x5338_0D13,
        0x650A_7354, 0x766A_0ABB, 0x81C2_C92E, 0x9272_2C85, 0xA2BF_E8A1, 0xA81A_664B,
        0xC24B_8B70, 0xC76C_51A3, 0xD192_E819, 0xD699_0624, 0xF40E_3585, 0x106A_A070,
        0x19A4_C116, 0x1E37_6C08, 0x2748_774C, 0x34B0_BCB5, 0x391C_0CB3, 0x4ED8_AA4A,
        0x5B9C_CA4F, 0x682E_6FF3, 0x748F_82EE, 0x78A5_636F, 0x84C8_7814, 0x8CC7_0208,
        0x90BE_FFFA, 0xA450_6CEB, 0xBEF9_A3F7, 0xC671_78F2,
    ]
}

/// Calls with the start of each 64-byte block of a message padded as FIPS 180-4 says.
@inline(__always)
private func forEachBlock(of message: [UInt8], _ body: (UnsafeRawPointer) -> Void) {
    let whole = message.count & ~63
    message.withUnsafeBytes { bytes in
        guard let start = bytes.baseAddress else { return }
        for offset in stride(from: 0, to: whole, by: 64) { body(start + offset) }
    }
    var tail = Array(message[whole...])
    tail.append(0x80)
    while tail.count % 64 != 56 { tail.append(0) }
    tail.append(bigEndian: UInt64(message.count) &* 8)
    tail.withUnsafeBytes { bytes in
        guard let start = bytes.baseAddress else { return }
        for offset in stride(from: 0, to: bytes.count, by: 64) { body(start + offset) }
    }
}

@inline(__always)
private func bigEndianWord(_ index: Int, of block: UnsafeRawPointer) -> UInt32 {
    UInt32(bigEndian: block.loadUnaligned(fromByteOffset: index &* 4, as: UInt32.self))
}

@inline(__always)
private func rotateLeft(_ word: UInt32, _ count: UInt32) -> UInt32 {
    word &<< count | word &>> (32 &- count)
}

@inline(__always)
private func rotateRight(_ word: UInt32, _ count: UInt32) -> UInt32 {
    word &>> count | word &<< (32 &- count)
}
