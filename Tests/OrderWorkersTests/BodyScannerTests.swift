import Foundation
import Testing

@testable import OrderWorkers

/// What reads the usual bodies without a decoder.
struct BodyScannerTests {
    @Test func `finds the members asked for and skips the others`() {
        let body = """
            { "items": [{"price": 1.5, "tags": ["a", {}], "last": true}, []], "order_id": "o-1",
              "amount": -12.50, "customer_id": null, "more": {"x": false} }
            """
        let found = BodyScanner.members(
            ["order_id", "customer_id", "amount", "absent", "more"], of: Array(body.utf8))
        #expect(found == [.text("o-1"), .null, .number(-12.5), nil, .other])
    }

    @Test(arguments: [
        "", "{", "[]", "{}x", #"{"a":}"#, #"{"a" 1}"#, #"{"a":01}"#, #"{"a":1.}"#, #"{"a":-}"#,
        #"{"a":1e3}"#, #"{"a":"x"#, #"{"a":"\n"}"#, #"{"a":"\u00e9"}"#, #"{"a":"é"}"#,
        #"{"a":1,}"#, #"{"a":1,"a":2}"#, #"{"b":[1,],"a":1}"#, #"{"b":{"x"},"a":1}"#,
        #"{"b":nul,"a":1}"#, "{\"b\":\"\u{1}\",\"a\":1}",
    ])
    func `leaves to the decoder what is unusual or broken`(_ body: String) {
        #expect(BodyScanner.members(["a"], of: Array(body.utf8)) == nil)
    }

    @Test func `leaves deep nesting to the decoder`() {
        let deep = #"{"b":"# + String(repeating: "[", count: 40)
        #expect(BodyScanner.members(["a"], of: Array(deep.utf8)) == nil)
    }

    @Test(arguments: [
        #"{"order_id":"o-1","customer_id":"c-1","amount":25}"#,
        #"{"amount":0.1,"order_id":"o-1"}"#,
        #"{"amount":99.99,"order_id":"o-1","customer_id":null}"#,
    ])
    func `reads a payment as the decoder does`(_ body: String) throws {
        let scanned = try #require(PaymentBody(scanning: Array(body.utf8)))
        let decoded = try JSONDecoder().decode(PaymentBody.self, from: Data(body.utf8))
        #expect(scanned.order_id == decoded.order_id)
        #expect(scanned.customer_id == decoded.customer_id)
        #expect(scanned.amount == decoded.amount)
    }
}
