import Foundation
import SagaWorker

/// The body of `payments.debit` and `payments.refund`.
struct PaymentBody: Decodable {
    var order_id: String
    var customer_id: String?
    var amount: Double
}

extension PaymentBody: ScannedBody {
    init?(scanning body: [UInt8]) {
        let names: [StaticString] = ["order_id", "customer_id", "amount"]
        guard let found = BodyScanner.members(names, of: body),
            case .text(let orderID) = found[0], case .number(let amount) = found[2]
        else { return nil }
        switch found[1] {
        case .text(let customerID): customer_id = customerID
        case .null, nil: customer_id = nil
        case .number, .other: return nil
        }
        order_id = orderID
        self.amount = amount
    }
}

/// The body of `reviews.review`: the order's document, of which this matters.
struct ReviewBody: Decodable {
    var order_id: String
    /// Not every order names one.
    var restaurant_id: String?
}

extension ReviewBody: ScannedBody {
    init?(scanning body: [UInt8]) {
        guard let found = BodyScanner.members(["order_id", "restaurant_id"], of: body),
            case .text(let orderID) = found[0]
        else { return nil }
        switch found[1] {
        case .text(let restaurantID): restaurant_id = restaurantID
        case .null, nil: restaurant_id = nil
        case .number, .other: return nil
        }
        order_id = orderID
    }
}

/// A body whose usual form is read without a decoder.
protocol ScannedBody: Decodable {
    /// The body, or `nil` where a decoder has to read it or say what is wrong with it.
    init?(scanning body: [UInt8])
}

private let decoder = JSONDecoder()

extension Command {
    /// Reads the body; why it cannot be read is a final answer: the same body will not get better.
    func decode<Body: ScannedBody>(_ type: Body.Type) throws(UnreadableBody) -> Body {
        if let scanned = Body(scanning: body) { return scanned }
        do {
            return try decoder.decode(type, from: Data(body))
        } catch {
            throw UnreadableBody(command: name, reason: "\(error)")
        }
    }
}

/// A body that does not say what the command needs.
struct UnreadableBody: Error {
    var command: String
    var reason: String

    var answer: Answer {
        .error(code: "bad-request", message: "\(command): \(reason.prefix(300))", retriable: false)
    }
}

/// Answers what the body gives, or that it cannot be read.
func answering(_ body: () throws -> Answer) throws -> Answer {
    do {
        return try body()
    } catch let error as UnreadableBody {
        return error.answer
    }
}
