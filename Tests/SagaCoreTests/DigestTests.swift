import Testing

@testable import SagaCore

@Suite struct `A digest` {
    private static let long = String(repeating: "a", count: 1_000_000)
    private static let twoBlocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"

    @Test(arguments: [
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (twoBlocks, "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
        (long, "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
    ])
    func `by SHA-1 is the published one`(text: String, digest: String) {
        let words = sha1Words(of: Array(text.utf8))
        #expect(words.map { padded(String($0, radix: 16), 8) }.joined() == digest)
    }

    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (twoBlocks, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
        (long, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ])
    func `by SHA-256 is the published one`(text: String, digest: String) {
        #expect(hexadecimal(SHA256.digest(of: Array(text.utf8))) == digest)
    }

    /// Lengths around the padding's edges; the expected digest is of all those digests in turn, as
    /// other implementations give it.
    @Test func `is right at every length around a block`() {
        var all: [UInt8] = []
        for count in 0..<130 {
            all += SHA256.digest(of: Array(repeating: UInt8(count), count: count))
        }
        #expect(
            hexadecimal(SHA256.digest(of: all))
                == "5f8908a7c79bf2d794fd61440e680bde6be7fd0c1f0192bb877dbed657fb7d91")
        var words: [UInt32] = []
        for count in 0..<130 {
            words += sha1Words(of: Array(repeating: UInt8(count), count: count))
        }
        let bytes = words.flatMap { word in [24, 16, 8, 0].map { UInt8(word >> $0 & 255) } }
        #expect(
            hexadecimal(SHA256.digest(of: bytes))
                == "40ef7b68dfa8a680e5bea2f1f9a7aa2e34a79feacf7dcc815414e2264ce88015")
    }

    private func sha1Words(of message: [UInt8]) -> [UInt32] {
        let words = SHA1.words(of: message)
        return [words.0, words.1, words.2, words.3, words.4]
    }

    private func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { padded(String($0, radix: 16), 2) }.joined()
    }

    private func padded(_ text: String, _ width: Int) -> String {
        String(repeating: "0", count: width - text.count) + text
    }
}

@Suite struct `A UUID` {
    @Test(arguments: [
        ("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.example.com"),
        ("6ba7b811-9dad-11d1-80b4-00c04fd430c8", "http://example.com/"),
        ("00000000-0000-0000-0000-000000000000", ""),
    ])
    func `derived from a name is the one that RFC 9562 gives`(
        space: String, name: String
    ) throws {
        let expected = [
            "www.example.com": "2ed6657d-e927-568b-95e1-2665a8aea6a2",
            "http://example.com/": "0a300ee9-f9e4-5697-a51a-efc7fafaba67",
            "": "e129f27c-5103-5c5c-844b-cdf0a15e160d",
        ]
        let derived = try #require(UniqueID(space)).derived(name)
        #expect(derived.description == expected[name])
    }

    @Test func `beside another begins as it does and ends as the digest of both`() {
        let space = UniqueID(high: 0x0011_2233_4455_6677, low: 0x8899_AABB_CCDD_EEFF)
        #expect(space.neighbour(1, 258).description == "00112233-4455-807d-a40a-efdb21dc4991")
        #expect(space.neighbour(1, 258) != space.neighbour(258, 1))
        let other = UniqueID(high: space.high, low: space.low - 1)
        #expect(other.neighbour(1, 258) != space.neighbour(1, 258))
    }

    @Test func `of a place and a time has both in front and random bits behind`() {
        let time = Instant(microseconds: 0x123_4567_89AB * 1000 + 999)
        let id = UniqueID(place: 0xF7, at: time, randomBits: ~0xABC, 0x0123_4567_89AB_CDEF)
        #expect(id.description == "71234567-89ab-8543-8123-456789abcdef")
    }

    @Test func `of a place and a time follows the earlier ones of its place`() {
        let now = Instant(microseconds: 1_790_000_000_000_000)
        let (early, late) = (
            UniqueID(place: 3, at: now, randomBits: .max, .max),
            UniqueID(place: 3, at: now + .milliseconds(1), randomBits: 0, 0)
        )
        #expect(early < late)
        #expect(early.neighbour(1, 1) < late.neighbour(1, 1))
        #expect(late < UniqueID(place: 4, at: now, randomBits: 0, 0))
    }

    @Test func `in text form reads back, in either case`() {
        let id = UniqueID(randomBits: 0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210)
        #expect(id.description == "01234567-89ab-4def-bedc-ba9876543210")
        #expect(UniqueID(id.description) == id)
        #expect(UniqueID(id.description.uppercased()) == id)
    }

    @Test(arguments: [
        "", "01234567-89ab-4def-bedc-ba987654321", "01234567-89ab-4def-bedc-ba98765432100",
        "0123456789ab-4def-bedc-ba9876543210---", "01234567-89ab-4def-bedc_ba9876543210",
        "01234567-89ab-4def-bedc-ba987654321g", "{1234567-89ab-4def-bedc-ba987654321}",
    ])
    func `in another form is none`(text: String) {
        #expect(UniqueID(text) == nil)
    }
}
