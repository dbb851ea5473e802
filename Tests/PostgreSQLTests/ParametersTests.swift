import Testing

@testable import PostgreSQL

@Suite struct `The binary form of parameters` {
    @Test func `writes numbers big-endian in the width of their type`() {
        var parameters = Parameters()
        parameters.append(int2: -2)
        parameters.append(int4: 0x0102_0304)
        parameters.append(int8: 0x0102_0304_0506_0708)
        parameters.append(bool: true)
        #expect(parameters.encoded(at: 0) == [0xFF, 0xFE])
        #expect(parameters.encoded(at: 1) == [1, 2, 3, 4])
        #expect(parameters.encoded(at: 2) == [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(parameters.encoded(at: 3) == [1])
        #expect((0..<4).map(parameters.type) == [.int2, .int4, .int8, .bool])
    }

    @Test func `writes a UUID as its sixteen bytes in order`() {
        var parameters = Parameters()
        parameters.append(uuid: (0x0001_0203_0405_0607, 0x0809_0A0B_0C0D_0E0F))
        #expect(parameters.encoded(at: 0) == Array(0...15))
    }

    @Test func `counts time from the year 2000 and never reaches an infinity`() {
        var parameters = Parameters()
        parameters.append(timestamptz: 946_684_800_000_001)
        parameters.append(timestamptz: .min)
        parameters.append(timestamptz: .min + 946_684_800_000_000)
        let almostInfinite: [UInt8] = [0x80, 0, 0, 0, 0, 0, 0, 1]
        #expect(parameters.encoded(at: 0) == [0, 0, 0, 0, 0, 0, 0, 1])
        #expect(parameters.encoded(at: 1) == almostInfinite)
        #expect(parameters.encoded(at: 2) == almostInfinite)
    }

    @Test func `tells an empty text from no text`() {
        var parameters = Parameters()
        parameters.append(text: "")
        parameters.append(text: nil)
        parameters.append(bytea: [])
        parameters.append(bytea: nil)
        #expect(parameters.encoded(at: 0) == [])
        #expect(parameters.encoded(at: 1) == nil)
        #expect(parameters.encoded(at: 2) == [])
        #expect(parameters.encoded(at: 3) == nil)
    }

    @Test func `writes an array with its dimension, element type, count and lower bound`() {
        var parameters = Parameters()
        parameters.append(int2Array: [1, 2])
        #expect(
            parameters.encoded(at: 0) == [
                0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 21, 0, 0, 0, 2, 0, 0, 0, 1,
                0, 0, 0, 2, 0, 1, 0, 0, 0, 2, 0, 2,
            ])
    }

    @Test func `marks the nulls of an array and leaves no gap for them`() {
        var parameters = Parameters()
        parameters.append(int8Array: [nil, 5, nil])
        parameters.append(textArray: [nil, "é"])
        #expect(
            parameters.encoded(at: 0) == [
                0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 20, 0, 0, 0, 3, 0, 0, 0, 1,
                255, 255, 255, 255, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 5, 255, 255, 255, 255,
            ])
        #expect(
            parameters.encoded(at: 1) == [
                0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 25, 0, 0, 0, 2, 0, 0, 0, 1,
                255, 255, 255, 255, 0, 0, 0, 2, 0xC3, 0xA9,
            ])
    }

    @Test func `gives an empty array no dimension`() {
        var parameters = Parameters()
        parameters.append(uuidArray: [])
        parameters.append(byteaArray: [])
        #expect(parameters.encoded(at: 0) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0B, 0x86])
        #expect(parameters.encoded(at: 1) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 17])
    }

    @Test func `knows which texts the server takes`() {
        #expect(Parameters.canStore("żółć\t\u{1}"))
        #expect(!Parameters.canStore("a\u{0}b"))
    }

    @Test func `is compared with what the statement declares`() {
        let statement = Statement(
            name: "s", parameters: [.int8, .uuidArray], sql: "SELECT 1")
        var parameters = Parameters()
        parameters.append(int8: 1)
        #expect(statement.mismatch(with: parameters)?.contains("declares 2") == true)
        var wrong = parameters
        wrong.append(textArray: ["a"])
        #expect(statement.mismatch(with: wrong)?.contains("$2 is declared as UUID[]") == true)
        parameters.append(uuidArray: [(1, 2)])
        #expect(statement.mismatch(with: parameters) == nil)
    }
}
