/// An order that the daemon has answered for.
package struct PostedOrder: Sendable {
    /// What was posted.
    package var order: Order
    /// The order's key, `order_id`.
    package var key: String
    /// The saga's identity.
    package var sagaID: String
    /// When it was meant to be posted.
    package var intendedAt: ContinuousClock.Instant
    /// When the answer had come.
    package var answeredAt: ContinuousClock.Instant
    /// How often it was sent; more than 1 where answers were lost.
    package var sendings: Int

    /// An answer with these parts.
    package init(
        order: Order, key: String, sagaID: String, intendedAt: ContinuousClock.Instant = .now,
        answeredAt: ContinuousClock.Instant = .now, sendings: Int = 1
    ) {
        self.order = order
        self.key = key
        self.sagaID = sagaID
        self.intendedAt = intendedAt
        self.answeredAt = answeredAt
        self.sendings = sendings
    }
}

extension Caller {
    /// Posts an order, again and again under the same `Idempotency-Key` until it is answered.
    ///
    /// - Throws: ``CallFailure`` for an answer that is neither 201 nor 503, and when the deadline
    ///   has passed.
    package func post(
        _ order: Order, intendedAt: ContinuousClock.Instant = .now,
        until deadline: ContinuousClock.Instant
    ) async throws -> PostedOrder {
        var sendings = 0
        while true {
            sendings += 1
            var failure: CallFailure
            do throws(CallFailure) {
                let response = try await call(order.request())
                switch response.status {
                case 201:
                    return try PostedOrder(
                        order, response, intendedAt: intendedAt, sendings: sendings)
                case 503: failure = .unexpected("still 503: \(response.text.prefix(300))")
                default:
                    throw .unexpected(
                        "an order was answered \(response.status): \(response.text.prefix(300))")
                }
            } catch {
                if !error.mayPass { throw error }
                failure = error
            }
            guard ContinuousClock.now < deadline else { throw failure }
            try await Task.sleep(for: Self.pause)
        }
    }
}

extension PostedOrder {
    /// The order that this answer is for.
    package init(
        _ order: Order, _ response: HTTPResponse, intendedAt: ContinuousClock.Instant,
        sendings: Int
    ) throws(CallFailure) {
        guard let location = response.field("location"),
            let key = location.split(separator: "/").last,
            let sagaID = response.field("saga-id")
        else {
            throw .unexpected("an accepted order has no Location or no Saga-Id")
        }
        self.init(
            order: order, key: String(key), sagaID: sagaID, intendedAt: intendedAt,
            answeredAt: .now, sendings: sendings)
    }
}
