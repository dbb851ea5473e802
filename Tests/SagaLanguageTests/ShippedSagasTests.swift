import Foundation
import SagaCore
import Testing

@testable import SagaLanguage

private let directory = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("sagas").path

private func shipped(_ name: String) throws -> LoadedDefinition {
    let result = try DefinitionDirectory.load(directory).get()
    #expect(result.diagnostics.rendered == "")
    return try #require(result.definitions.first { $0.definition.name == name })
}

private let identity = UniqueID(high: 1, low: 2)
private let start = Instant(microseconds: 1_700_000_000_000_000)

private func started(_ name: String, _ body: Value) throws -> Decision {
    try Decider(shipped(name).definition).start(
        body, id: identity, freshKey: "k-1", at: Circumstances(now: start)
    ).get()
}

private let order: Value = [
    "customer_id": "c-1", "restaurant_id": "r-1", "note": "no onions",
    "order_items": [
        ["code": "A1", "name": "Soup", "unit_price": 9.5, "quantity": 2],
        ["code": "B2", "name": "Bread", "unit_price": 1.25, "quantity": 4],
    ],
]

@Suite struct `The shipped sagas` {
    @Test(arguments: ["account", "order", "payout", "payout-seller", "refund", "renewal", "trip"])
    func `load again from their canonical text`(name: String) throws {
        let loaded = try shipped(name)
        let again = DefinitionLoader.load(canonical: loaded.canonicalText, file: "stored")
        #expect(again.diagnostics == [])
        #expect(again.definition == loaded.definition)
        #expect(again.hash == loaded.hash)
    }

    @Test func `start an order with its document completed`() throws {
        let decision = try started("order", order)
        let document = decision.state.input
        #expect(document["order_id"] == "k-1")
        #expect(document["status"] == "Pending")
        #expect(document["created_on"] == .string(start.description))
        #expect(document["amount"] == 24)
        #expect(document["note"] == "no onions")
        let types = decision.effects.compactMap { effect -> String? in
            guard case .raise(let event) = effect else { return nil }
            return event.type
        }
        #expect(types == ["ORDERS.created"])
        let command = try #require(decision.state.open.first)
        #expect(command.subject == "payments.debit")
        #expect(
            command.body == .value(["order_id": "k-1", "customer_id": "c-1", "amount": 24]))
    }

    @Test func `refuse an order without items, and say where`() throws {
        let schema = try #require(shipped("order").definition.intake?.schema)
        let none: Value = ["customer_id": "c-1", "order_items": []]
        #expect(
            schema.violations(of: none).map(\.description)
                == ["/order_items: must have at least 1 element, has 0"])
        let wrong: Value = ["order_items": [["code": "A", "unit_price": -1, "quantity": 0]]]
        #expect(
            Set(schema.violations(of: wrong).map(\.description)) == [
                "/customer_id: must be present, is missing",
                "/order_items/0/unit_price: must be at least 0, is -1",
                "/order_items/0/quantity: must be at least 1, is 0",
            ])
        #expect(schema.accepts(order))
    }

    @Test func `read the order's steps as they are written`() throws {
        let definition = try shipped("order").definition
        #expect(definition.aggregate == Aggregate(type: "order", stream: "ORDERS"))
        let payment = definition.steps[0]
        #expect(payment.timeout == .seconds(10))
        #expect(payment.retry == RetryPolicy(max: .seconds(10)))
        #expect(
            payment.unknown
                == .probe(
                    ProbePolicy(
                        subject: "payments.status", every: .seconds(2), for: .seconds(60),
                        otherwise: .compensate)))
        #expect(payment.outcomes.map(\.name) == ["debited", "declined"])
        #expect(payment.outcomes.map(\.then) == [.continue, .reject])
        #expect(payment.outcomes.map(\.event?.event) == ["paymentdebited", "paymentdeclined"])
        #expect(payment.compensation?.subject == "payments.void")
        #expect(payment.compensation?.event?.event == "paymentvoided")
        let review = definition.steps[1]
        #expect(review.timeout == .seconds(86_400))
        #expect(review.retry.attempts == 1)
        #expect(review.body == nil)
        #expect(review.compensation == nil)
        #expect(definition.finish.completed?.event == "approved")
        #expect(definition.finish.compensated?.event == "rejected")
    }

    @Test func `start a refund`() throws {
        let decision = try started("refund", ["order_id": "o-1", "amount": 12.5])
        #expect(decision.state.input["refund_id"] == "k-1")
        let command = try #require(decision.state.open.first)
        #expect(command.subject == "payments.refund")
        #expect(command.body == .value(["order_id": "o-1", "amount": 12.5]))
        let schema = try #require(shipped("refund").definition.intake?.schema)
        #expect(!schema.accepts(["order_id": "o-1", "amount": 0]))
    }

    @Test func `read the refund's steps as they are written`() throws {
        let definition = try shipped("refund").definition
        #expect(definition.aggregate == Aggregate(type: "refund", stream: "REFUNDS"))
        #expect(definition.intake?.path == "/api/refunds")
        #expect(definition.steps.map(\.subject) == ["payments.refund", "notifications.send"])
        let refund = definition.steps[0]
        #expect(refund.outcomes.map(\.name) == ["refunded", "declined"])
        #expect(refund.outcomes.map(\.then) == [.continue, .reject])
        #expect(refund.compensation?.subject == "payments.void_refund")
        let notify = definition.steps[1]
        #expect(notify.isOptional)
        #expect(notify.outcomes.map(\.name) == ["sent"])
        #expect(notify.retry.attempts == 3)
        #expect(notify.compensation == nil)
    }
}
