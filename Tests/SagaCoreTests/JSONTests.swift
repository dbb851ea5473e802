import Testing

@testable import SagaCore

@Suite struct `JSON that is read` {
    @Test(
        arguments: [
            ("null", Value.null), ("true", true), (" \n\t\r false ", false),
            ("0", 0), ("-0.5", -0.5), ("12.25e2", 1225), ("1E-2", 0.01),
            ("9007199254740993", 0x1p53),
            ("0.1", 0.1), ("2.2250738585072014e-308", 2.2250738585072014e-308),
            ("5e-324", .double(.leastNonzeroMagnitude)),
            ("1.7976931348623157e308", 1.7976931348623157e308), ("1e-400", 0),
            ("123456789012345678901234567890", 123456789012345678901234567890.0),
            ("0.30000000000000004", 0.30000000000000004), ("7.038531e-26", 7.038531e-26),
            (#""""#, ""), (#""a\"\\\/\b\f\n\r\t""#, "a\"\\/\u{08}\u{0C}\n\r\t"),
            (#""\u00e9\u20AC\ud83d\ude00""#, "é€😀"), (#""é€😀""#, "é€😀"), (#""\u0000""#, "\0"),
            ("[]", []), ("[1,[2],{}]", [1, [2], [:]]),
            (#"{"a":1,"b":{"c":[null]}}"#, ["a": 1, "b": ["c": [nil]]]),
        ] as [(String, Value)])
    func `has the value it names`(text: String, value: Value) throws {
        #expect(try Value(json: text) == value)
    }

    @Test func `keeps the sign of a zero`() throws {
        guard case .double(let zero) = try Value(json: "-0") else { Issue.record("no"); return }
        #expect(zero.sign == .minus)
        #expect(Value.double(zero).jsonText == "-0")
    }

    @Test func `keeps the members' order`() throws {
        let value = try Value(json: #"{"z":1,"a":2,"m":3}"#)
        #expect(value.members?.names == ["z", "a", "m"])
    }

    @Test(
        arguments: [
            ("", 0, "expected a value, found the end of the text"),
            ("[1,]", 3, "expected a value, found ']'"),
            ("[1 2]", 3, "expected ',' or ']', found '2'"),
            ("[1", 2, "expected ',' or ']', found the end of the text"),
            (#"{"a" 1}"#, 5, "expected ':', found '1'"),
            ("{a:1}", 1, "expected a member's name in quotes, found 'a'"),
            (#"{"a":1,}"#, 7, "expected a member's name in quotes, found '}'"),
            (#"{"a":1;}"#, 6, "expected ',' or '}', found ';'"),
            (#"{"a":1,"a":2}"#, 7, "the name 'a' is given twice"),
            (#"{"a":1,"\u0061":2}"#, 7, "the name 'a' is given twice"),
            ("[1]x", 3, "expected the end of the text, found 'x'"),
            ("nul", 0, "expected 'null', found 'n'"),
            ("tru", 0, "expected 'true', found 't'"),
            ("01", 0, "a number must not begin with 0"),
            ("-01", 1, "a number must not begin with 0"),
            ("-", 1, "expected a digit, found the end of the text"),
            ("+1", 0, "expected a value, found '+'"),
            (".5", 0, "expected a value, found '.'"),
            ("1.", 2, "expected a digit, found the end of the text"),
            ("1e", 2, "expected a digit of the exponent, found the end of the text"),
            ("1e+", 3, "expected a digit of the exponent, found the end of the text"),
            ("0x10", 1, "expected the end of the text, found 'x'"),
            ("NaN", 0, "expected a value, found 'N'"),
            ("1e400", 0, "a number too large for a double"),
            ("-1e309", 0, "a number too large for a double"),
            (#""abc"#, 0, "the string that begins here has no end"),
            (#""a\"#, 3, #"expected an escape such as \n or \u00e9, found the end of the text"#),
            (#""a\x""#, 3, #"expected an escape such as \n or \u00e9, found 'x'"#),
            (#""\u12g4""#, 5, #"expected four hexadecimal digits after \u, found 'g'"#),
            (#""\ud800""#, 1, "half of a surrogate pair"),
            (#""\udc00""#, 1, "half of a surrogate pair"),
            (#""\ud800\n""#, 1, "half of a surrogate pair"),
            (#""\ud800\ud800""#, 1, "half of a surrogate pair"),
            ("\"a\nb\"", 2, "a control character (0xa) must be written as an escape"),
            ("\"\\n\u{1f}\"", 3, "a control character (0x1f) must be written as an escape"),
            ("\u{FEFF}1", 0, "expected a value, found the byte 0xef"),
            ("[1]\u{A0}", 3, "expected the end of the text, found the byte 0xc2"),
        ] as [(String, Int, String)])
    func `is refused where it is wrong`(text: String, offset: Int, message: String) {
        #expect(throws: JSONError.self) { try Value(json: text) }
        do {
            _ = try Value(json: text)
        } catch {
            #expect(error.offset == offset)
            #expect(error.message == message)
        }
    }

    @Test(
        arguments: [
            ([0x22, 0xFF, 0x22], 1), ([0x22, 0x61, 0xC3, 0x22], 2),
            ([0x22, 0xC0, 0x80, 0x22], 1),  // overlong
            ([0x22, 0xC3, 0xA9, 0xED, 0xA0, 0x80, 0x22], 3),  // a surrogate
            ([0x22, 0x5C, 0x6E, 0xF8, 0x22], 3), ([0x7B, 0x22, 0x80, 0x22, 0x3A, 0x31, 0x7D], 2),
        ] as [([UInt8], Int)])
    func `must be UTF-8`(bytes: [UInt8], offset: Int) {
        do {
            _ = try Value(json: bytes)
            Issue.record("these bytes are not UTF-8")
        } catch {
            #expect(error.message == "bytes that are not UTF-8")
            #expect(error.offset == offset)
        }
    }

    @Test func `is refused with line and column, counted in code points`() {
        do {
            _ = try Value(json: "{\n  \"é\": tru}")
            Issue.record("'tru' is no value")
        } catch {
            #expect((error.offset, error.line, error.column) == (10, 2, 8))
            #expect(error.description == "expected 'true', found 't' (line 2, column 8)")
        }
    }

    @Test func `may nest 64 levels and no more`() throws {
        let deepest = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(try Value(json: deepest).elements?.count == 1)
        #expect(throws: JSONError.self) { try Value(json: "[\(deepest)]") }
        let wide = "[" + Array(repeating: "[{}]", count: 100).joined(separator: ",") + "]"
        #expect(try Value(json: wide).elements?.count == 100)
        #expect(throws: JSONError.self) {
            try Value(json: wide, limits: JSONLimits(maximumDepth: 2))
        }
    }

    @Test(arguments: [
        "0", "-9007199254740992", "9007199254740992", "9007199254740994", "1000000000000000000000",
        "9223372036854775808", "1e30", "12345678901234567890.5", "36893488147419103232",
    ])
    func `may be asked for exact whole numbers, which these are`(text: String) throws {
        #expect(try Value(json: text, limits: .exact) == Value(json: text))
    }

    @Test(arguments: [
        "9007199254740993", "-9007199254740993", "9223372036854775807", "12345678901234567891",
        "100000000000000000000000", "36893488147419103233",
    ])
    func `may be asked for exact whole numbers, which these are not`(text: String) {
        do {
            _ = try Value(json: "[\(text)]", limits: .exact)
            Issue.record("\(text) does not fit a double")
        } catch {
            #expect(
                error.message
                    == "the whole number \(text) does not fit a double exactly: send it as text")
        }
    }

    @Test func `with many members finds a name given twice`() {
        let members = (0..<200).map { "\"m\($0)\":\($0)" }.joined(separator: ",")
        #expect(throws: Never.self) { try Value(json: "{\(members)}") }
        #expect(throws: JSONError.self) { try Value(json: "{\(members),\"m150\":1}") }
    }
}

@Suite struct `JSON that is written` {
    @Test(
        arguments: [
            (Value.null, "null"), (true, "true"), (false, "false"), ("", #""""#),
            ("a\"b\\c/é😀\u{7f}", "\"a\\\"b\\\\c/é😀\u{7f}\""),
            ("\u{08}\u{0C}\n\r\t\u{01}\u{1f}", #""\b\f\n\r\t\u0001\u001f""#),
            (0, "0"), (-7, "-7"), (28.5, "28.5"), (1e15, "1000000000000000"),
            (9007199254740991, "9007199254740991"), (0x1p53, "9007199254740992"),
            (1e-7, "1e-07"), (0.1, "0.1"), (.double(.leastNonzeroMagnitude), "5e-324"),
            (1e21, "1e+21"),
            (1.7976931348623157e308, "1.7976931348623157e+308"),
            (.int(12), "12"), (.int(-3), "-3"),
            (.timestamp(Instant(microseconds: 0)), #""1970-01-01T00:00:00Z""#),
            (.duration(.milliseconds(-1500)), #""-1.5s""#),
            ([], "[]"), ([:], "{}"), ([1, "a", nil], #"[1,"a",null]"#),
            (["b": 1, "a": [:]], #"{"b":1,"a":{}}"#),
            (.double(.infinity), "null"), (.double(.nan), "null"),
        ] as [(Value, String)])
    func `is compact and minimal`(value: Value, text: String) {
        #expect(value.jsonText == text)
    }

    @Test func `of any double reads back as the same number`() throws {
        var seed: UInt64 = 0x9E37_79B9_7F4A_7C15
        for _ in 0..<8_000 {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let number = Double(bitPattern: seed ^ (seed >> 29))
            guard number.isFinite else { continue }
            #expect(try Value(json: Value.double(number).jsonText) == .double(number))
        }
    }

    @Test func `of decimal numbers reads back as what the standard library reads`() throws {
        var seed: UInt64 = 42
        for _ in 0..<8_000 {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let digits = String(seed >> (seed & 31 + 8))
            let text = "\(digits).\(seed % 1000)e\(Int(seed >> 40 % 60) - 30)"
            #expect(try Value(json: text) == .double(Double(text)!))
        }
    }

    @Test func `for people has a line for each element and member`() {
        let value: Value = ["a": [1, ["b": nil]], "c": [], "d": [:]]
        #expect(
            value.jsonTextIndented == """
                {
                  "a": [
                    1,
                    {
                      "b": null
                    }
                  ],
                  "c": [],
                  "d": {}
                }
                """)
    }

    @Test func `is appended to what is there`() {
        var bytes = Array("x=".utf8)
        Value.list([1, 2]).writeJSON(into: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "x=[1,2]")
    }

    @Test func `reads back as the value it was written from`() throws {
        let text =
            #"{"id":"5a1f","items":[{"price":9.5,"n":2},{"price":1e-9,"n":-1}],"x":"\u0001é"}"#
        let value = try Value(json: text)
        #expect(try Value(json: value.jsonBytes) == value)
        #expect(try Value(json: value.jsonTextIndented) == value)
    }
}

@Suite struct `JSON with bytes changed at random` {
    @Test func `is refused, or reads back as what it was read as`() throws {
        let text =
            #"{"id":"5aé\n\ud83d\ude00","items":[{"price":-9.5e-3,"n":12},[true,null,""]],"x":0}"#
        var seed: UInt64 = 7
        var accepted = 0
        for _ in 0..<8_000 {
            var bytes = Array(text.utf8)
            for _ in 0..<2 {
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let place = Int(seed >> 40) % bytes.count
                switch seed >> 36 & 3 {
                case 0: bytes.remove(at: place)
                case 1: bytes.insert(bytes[Int(seed >> 20) & 31], at: place)
                case 2: bytes[place] = UInt8(truncatingIfNeeded: seed >> 28)
                default: bytes.removeLast(Int(seed >> 30) & 15)
                }
            }
            guard let value = try? Value(json: bytes) else { continue }
            accepted += 1
            #expect(try Value(json: value.jsonBytes) == value)
        }
        #expect(accepted > 100)
    }
}
