import Testing

@testable import PostgreSQL

@Suite struct `Values on their way to the server and back` {
    @Test func `stay the same, each in its type`() async throws {
        let statement = Statement(
            name: "echo",
            parameters: [.int2, .int4, .int8, .bool, .text, .bytea, .uuid, .timestamptz],
            sql: """
                SELECT $1::INT2, $2::INT4, $3::INT8, $4::BOOL, $5::TEXT, $6::BYTEA, $7::UUID,
                $8::TIMESTAMPTZ, $7::UUID::TEXT, $8::TIMESTAMPTZ::TEXT
                """)
        var parameters = Parameters()
        parameters.append(int2: .min)
        parameters.append(int4: .max)
        parameters.append(int8: .min)
        parameters.append(bool: true)
        parameters.append(text: "żółć 🦀 ''")
        parameters.append(bytea: [0, 255, 92, 39])
        parameters.append(uuid: (0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210))
        parameters.append(timestamptz: 1_700_000_000_123_456)
        let row = try await TestServer.connect().execute(statement, parameters)[0]
        #expect(try row.int(0) == Int64(Int16.min))
        #expect(try row.int(1) == Int64(Int32.max))
        #expect(try row.int(2) == .min)
        #expect(try row.bool(3))
        #expect(try row.text(4) == "żółć 🦀 ''")
        #expect(try row.bytes(5) == [0, 255, 92, 39])
        #expect(try row.uuid(6) == (0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210))
        #expect(try row.timestamptz(7) == 1_700_000_000_123_456)
        #expect(try row.text(8) == "01234567-89ab-cdef-fedc-ba9876543210")
        #expect(try row.text(9) == "2023-11-14 22:13:20.123456+00")
    }

    @Test func `may be NULL or empty, and these differ`() async throws {
        var parameters = Parameters()
        parameters.append(int2: nil)
        parameters.append(int4: nil)
        parameters.append(int8: nil)
        parameters.append(bool: nil)
        parameters.append(text: nil)
        parameters.append(bytea: nil)
        parameters.append(uuid: nil)
        parameters.append(timestamptz: nil)
        parameters.append(text: "")
        parameters.append(bytea: [])
        let row = try await TestServer.connect().execute(
            """
            SELECT $1::INT2, $2::INT4, $3::INT8, $4::BOOL, $5::TEXT, $6::BYTEA, $7::UUID,
            $8::TIMESTAMPTZ, $9::TEXT, $10::BYTEA
            """, parameters)[0]
        for column in 0..<3 { #expect(try row.optionalInt(column) == nil) }
        #expect(try row.optionalBool(3) == nil)
        #expect(try row.optionalText(4) == nil)
        #expect(try row.optionalBytes(5) == nil)
        #expect(try row.optionalUUID(6) == nil)
        #expect(try row.optionalTimestamptz(7) == nil)
        #expect(try row.optionalText(8) == "")
        #expect(try row.optionalBytes(9) == [])
        #expect(try row.isNull(0))
        #expect(try !row.isNull(8))
        #expect(throws: PostgresError.self) { try row.text(4) }
    }

    private static let arrays = """
        SELECT a, b, c, d, e, f, g, h FROM ROWS FROM (unnest($1::INT2[]), unnest($2::INT4[]),
        unnest($3::INT8[]), unnest($4::BOOL[]), unnest($5::TEXT[]), unnest($6::BYTEA[]),
        unnest($7::UUID[]), unnest($8::TIMESTAMPTZ[])) WITH ORDINALITY
        AS t(a, b, c, d, e, f, g, h, o) ORDER BY o
        """

    @Test func `travel as arrays with NULL elements`() async throws {
        var parameters = Parameters()
        parameters.append(int2Array: [1, nil, .max])
        parameters.append(int4Array: [nil, -7, .min])
        parameters.append(int8Array: [1, nil, .max])
        parameters.append(boolArray: [true, false, nil])
        parameters.append(textArray: ["", nil, "ü;\"{},"])
        parameters.append(byteaArray: [[], nil, [0, 1]])
        parameters.append(uuidArray: [(1, 2), nil, (.max, 3)])
        parameters.append(timestamptzArray: [0, nil, -1])
        let rows = try await TestServer.connect().execute(Self.arrays, parameters)
        #expect(rows.count == 3)
        #expect(try rows.map { try $0.optionalInt(0) } == [1, nil, 32767])
        #expect(try rows.map { try $0.optionalInt(1) } == [nil, -7, Int64(Int32.min)])
        #expect(try rows.map { try $0.optionalInt(2) } == [1, nil, .max])
        #expect(try rows.map { try $0.optionalBool(3) } == [true, false, nil])
        #expect(try rows.map { try $0.optionalText(4) } == ["", nil, "ü;\"{},"])
        #expect(try rows.map { try $0.optionalBytes(5) } == [[], nil, [0, 1]])
        #expect(try rows.map { try $0.optionalUUID(6)?.0 } == [1, nil, .max])
        #expect(try rows.map { try $0.optionalUUID(6)?.1 } == [2, nil, 3])
        #expect(try rows.map { try $0.optionalTimestamptz(7) } == [0, nil, -1])
    }

    @Test func `travel as empty arrays`() async throws {
        var parameters = Parameters()
        parameters.append(int2Array: [])
        parameters.append(int4Array: [])
        parameters.append(int8Array: [])
        parameters.append(boolArray: [])
        parameters.append(textArray: [])
        parameters.append(byteaArray: [])
        parameters.append(uuidArray: [])
        parameters.append(timestamptzArray: [])
        let rows = try await TestServer.connect().execute(Self.arrays, parameters)
        #expect(rows.isEmpty)
        #expect(rows.columnNames == ["a", "b", "c", "d", "e", "f", "g", "h"])
        #expect(try rows.column("c") == 2)
        #expect(throws: PostgresError.self) { try rows.column("z") }
    }

    @Test func `are refused when read as another type`() async throws {
        let row = try await TestServer.connect().execute(
            "SELECT 1::INT8 AS one, 'x'::TEXT, 1.5::NUMERIC, 'infinity'::TIMESTAMPTZ")[0]
        let error = await failure { () throws(PostgresError) in try row.text(0) }
        #expect(
            error?.message == "column 0 (one) is INT8 where TEXT, VARCHAR or NAME was expected: "
                + "cast it in the statement")
        #expect(throws: PostgresError.self) { try row.int(1) }
        #expect(throws: PostgresError.self) { try row.int(2) }
        #expect(throws: PostgresError.self) { try row.timestamptz(3) }
        #expect(throws: PostgresError.self) { try row.int(4) }
    }

    @Test func `that the server cannot store are told apart from other errors`() async throws {
        let connection = try await TestServer.connect()
        var text = Parameters()
        text.append(text: "a\u{0}b")
        let broken = await failure { () throws(PostgresError) in
            try await connection.execute("SELECT $1::TEXT", text)
        }
        #expect(broken?.kind == .unencodable)
        #expect(broken?.sqlstate == "22021")
        var time = Parameters()
        time.append(timestamptz: .min)
        let early = await failure { () throws(PostgresError) in
            try await connection.execute("SELECT $1::TIMESTAMPTZ", time)
        }
        #expect(early?.kind == .unencodable)
        #expect(await connection.isOpen())
    }

    @Test func `come in thousands in one statement`() async throws {
        var parameters = Parameters()
        parameters.append(int8Array: (0..<20_000).map { Int64($0) })
        parameters.append(
            byteaArray: (0..<20_000).map { [UInt8](repeating: UInt8($0 & 255), count: 300) })
        let rows = try await TestServer.connect().execute(
            """
            SELECT n, b FROM ROWS FROM (unnest($1::INT8[]), unnest($2::BYTEA[])) AS t(n, b)
            ORDER BY n
            """, parameters)
        #expect(rows.count == 20_000)
        #expect(try rows[19_999].int(0) == 19_999)
        #expect(try rows[19_999].bytes(1) == [UInt8](repeating: 31, count: 300))
    }
}
