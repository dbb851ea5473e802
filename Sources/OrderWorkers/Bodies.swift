import Foundation
import SagaWorker

/// The body of `payments.debit` and `payments.refund`.
struct PaymentBody: Decodable {
    var order_id: String
    var customer_id: String?
    var amount: Double
}

/// The body of `reviews.review`: the order's document, of which this matters.
struct ReviewBody: Decodable {
    var order_id: String
    /// Not every order names one.
    var restaurant_id: String?
}

private let decoder = JSONDecoder()

extension Command {
    /// Reads the body; why it cannot be read is a final answer: the same body will not get better.
    func decode<Body: Decodable>(_ type: Body.Type) throws(UnreadableBody) -> Body {
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
