import SagaCore
import SagaRuntime

extension StoreConformance {
    static let idempotencyChecks: [StoreCheck] = [
        StoreCheck("answers a repeated idempotency key with the saga it started") { store in
            try await store.expectStarted([Sample.start(1, claim: Sample.claim("c"))])
            let again = Sample.start(
                2, events: [Sample.event("e-2")], claim: Sample.claim("c"))
            let answers = try await store.start([again])
            try expectEqual(answers, [.repeated(Sample.sagaID(1))], "the answer")
            try await expectAbsent(2, in: store)
            try expectEqual(try await store.orderEvents(), [], "the events")
        },
        StoreCheck("looks at the idempotency key before the saga's key") { store in
            try await store.expectStarted([Sample.start(1, key: "k", claim: Sample.claim("c"))])
            let repeated = Sample.start(2, key: "k", claim: Sample.claim("c"))
            try expectEqual(
                try await store.start([repeated]), [.repeated(Sample.sagaID(1))], "the same wish")
            let another = Sample.start(2, key: "k", claim: Sample.claim("c", body: "another"))
            try expectEqual(
                try await store.start([another]), [.idempotencyMismatch], "another wish")
        },
        StoreCheck("refuses an idempotency key that comes with another digest") { store in
            try await store.expectStarted([Sample.start(1, claim: Sample.claim("c"))])
            let another = Sample.start(2, claim: Sample.claim("c", body: "another"))
            try expectEqual(
                try await store.start([another]), [.idempotencyMismatch], "the answer")
            try await expectAbsent(2, in: store)
        },
        StoreCheck("keeps the idempotency keys of each definition for themselves") { store in
            try await store.expectStarted([
                Sample.start(1, name: "order", claim: Sample.claim("c")),
                Sample.start(2, name: "refund", claim: Sample.claim("c", body: "another")),
            ])
            let again = Sample.start(3, name: "refund", claim: Sample.claim("c", body: "another"))
            try expectEqual(
                try await store.start([again]), [.repeated(Sample.sagaID(2))], "the answer")
        },
        StoreCheck("tells idempotency keys apart by their bytes") { store in
            let keys = [
                "caf\u{e9}", "cafe\u{301}", "CAF\u{c9}", "it's", String(repeating: "k", count: 255),
            ]
            try await store.expectStarted(
                keys.enumerated().map {
                    Sample.start($0.offset, claim: Sample.claim($0.element, body: $0.element))
                })
            let again = Sample.start(99, claim: Sample.claim(keys[1], body: keys[1]))
            try expectEqual(
                try await store.start([again]), [.repeated(Sample.sagaID(1))], "the answer")
        },
        StoreCheck("forgets expired idempotency keys, as many as asked for") { store in
            let expiries = [10, 20, 30, 40]
            try await store.expectStarted(
                expiries.map {
                    Sample.start(
                        $0, claim: Sample.claim("c-\($0)", expiresAt: Sample.time($0)))
                })
            func forget(_ seconds: Int, limit: Int) async throws -> Int {
                try await store.forgetIdempotencyKeys(before: Sample.time(seconds), limit: limit)
            }
            try expectEqual(try await forget(10, limit: 9), 0, "forgotten before 10 s")
            try expectEqual(try await forget(31, limit: 2), 2, "forgotten with a limit of 2")
            try expectEqual(try await forget(31, limit: 9), 1, "forgotten of the rest")
            try expectEqual(try await forget(31, limit: 9), 0, "forgotten again")
            let claim = Sample.claim("c-40", expiresAt: Sample.time(80))
            let live = Sample.start(41, at: Sample.time(35), claim: claim)
            try expectEqual(
                try await store.start([live]), [.repeated(Sample.sagaID(40))], "the live key")
        },
        StoreCheck("gives a forgotten idempotency key to whoever comes next") { store in
            try await store.expectStarted([
                Sample.start(1, claim: Sample.claim("c", expiresAt: Sample.time(10)))
            ])
            _ = try await store.forgetIdempotencyKeys(before: Sample.time(11), limit: 9)
            let claim = Sample.claim("c", body: "another", expiresAt: Sample.time(100))
            try await store.expectStarted([
                Sample.start(2, at: Sample.time(12), claim: claim)
            ])
            let again = Sample.start(3, at: Sample.time(13), claim: claim)
            try expectEqual(
                try await store.start([again]), [.repeated(Sample.sagaID(2))], "the answer")
        },
        StoreCheck("gives an expired idempotency key away before anybody forgot it") { store in
            try await store.expectStarted([
                Sample.start(1, claim: Sample.claim("c", expiresAt: Sample.time(10)))
            ])
            let claim = Sample.claim("c", body: "another", expiresAt: Sample.time(100))
            try await store.expectStarted([
                Sample.start(2, at: Sample.time(20), claim: claim)
            ])
            let again = Sample.start(3, at: Sample.time(21), claim: claim)
            try expectEqual(
                try await store.start([again]), [.repeated(Sample.sagaID(2))], "the answer")
        },
    ]
}
