import SagaCore
import SagaRuntime

extension StoreConformance {
    static let startChecks: [StoreCheck] = [
        StoreCheck("stores every part of a start") { store in
            let start = Sample.start(
                1, name: "order", definitionVersion: 7, status: .compensating,
                wakeAt: Sample.time(30), at: Sample.time(3),
                events: [Sample.event("e-1")])
            let answers = try await store.start([start])
            try expectEqual(answers, [.started(eventVersions: [1])], "the answer")
            let expected = SagaRecord(
                identity: start.identity, version: 1, status: .compensating, input: start.input,
                state: start.transition.state, wakeAt: Sample.time(30), startedAt: Sample.time(3),
                updatedAt: Sample.time(3), endedAt: nil)
            try expectEqual(try await store.saga(1), expected, "the saga")
            let found = try await store.find(definition: "order", key: "key-1")
            try expectEqual(found, expected, "the saga found by its key")
            let journal = try await store.journal(of: start.identity.id, after: 0, limit: 9)
            let row = JournalRecord(
                version: 1, at: Sample.time(3), body: start.transition.journal)
            try expectEqual(journal, [row], "the journal")
        },
        StoreCheck("stores a saga that ends with its start") { store in
            try await store.expectStarted([
                Sample.start(1, status: .completed, at: Sample.time(3), endedAt: Sample.time(3))
            ])
            let saga = try await store.saga(1)
            try expectEqual(saga.status, .completed, "the status")
            try expectEqual(saga.endedAt, Sample.time(3), "the end")
            try expectEqual(saga.wakeAt, nil, "the wake-up")
        },
        StoreCheck("keeps input, state and journal byte for byte") { store in
            var start = Sample.start(1)
            let bytes = (0...255).map { UInt8($0) } + [0, 0, 255, 254, 39, 92]
            start.input = bytes
            start.transition.state = bytes.reversed()
            start.transition.journal = bytes + bytes
            start.transition.decisionHash = SHA256.digest(of: start.transition.journal)
            try await store.expectStarted([start])
            let saga = try await store.saga(1)
            try expectEqual(saga.input, start.input, "the input")
            try expectEqual(saga.state, start.transition.state, "the state")
            let rows = try await store.journal(of: saga.identity.id, after: 0, limit: 1)
            try expectEqual(rows.first?.body, start.transition.journal, "the journal row")
        },
        StoreCheck("keeps empty bytes") { store in
            var start = Sample.start(1)
            start.input = []
            start.transition.state = []
            try await store.expectStarted([start])
            let saga = try await store.saga(1)
            try expectEqual(saga.input, [], "the input")
            try expectEqual(saga.state, [], "the state")
        },
        StoreCheck("keeps keys with quotes, blanks and any script apart by their bytes") { store in
            let keys = [
                "plain", "PLAIN", "plain ", " plain", "it's \"quoted\"", "back\\slash", "%_*?",
                "caf\u{e9}", "cafe\u{301}", "🧾 注文 طلب", "{a,b}", "NULL", "",
            ]
            try await store.expectStarted(
                keys.enumerated().map { Sample.start($0.offset, key: $0.element) })
            for (number, key) in keys.enumerated() {
                let saga = try await store.find(definition: "order", key: key)
                try expectEqual(saga?.identity.id, Sample.sagaID(number), "the saga of '\(key)'")
                try expectEqual(
                    saga.map { Array($0.identity.key.utf8) }, Array(key.utf8), "its key's bytes")
            }
        },
        StoreCheck("answers a taken key with its owner, and stores nothing") { store in
            try await store.expectStarted([Sample.start(1, key: "k")])
            let answers = try await store.start([
                Sample.start(
                    2, definitionVersion: 2, key: "k", events: [Sample.event("e-2")],
                    claim: Sample.claim("c"))
            ])
            try expectEqual(answers, [.keyTaken(Sample.sagaID(1))], "the answer")
            try await expectAbsent(2, in: store)
            try expectEqual(try await store.orderEvents(), [], "the events")
            try expectEqual(try await store.allUnpublished(), [], "the outbox")
            let other = Sample.start(3, claim: Sample.claim("c", body: "another"))
            try expectEqual(
                try await store.start([other]), [.started(eventVersions: [])],
                "a start under the idempotency key that was not kept")
        },
        StoreCheck("keeps the keys of each definition for themselves") { store in
            try await store.expectStarted([
                Sample.start(1, name: "order", key: "k"), Sample.start(2, name: "refund", key: "k"),
            ])
            let found = try await store.find(definition: "refund", key: "k")
            try expectEqual(found?.identity.id, Sample.sagaID(2), "the refund of that key")
            let none = try await store.find(definition: "parcel", key: "k")
            try expectEqual(none, nil, "the parcel of that key")
        },
        StoreCheck("answers starts in the order of the batch") { store in
            try await store.expectStarted([
                Sample.start(1, key: "taken", claim: Sample.claim("known"))
            ])
            let answers = try await store.start([
                Sample.start(10, events: [Sample.event("e-1", of: "a")]),
                Sample.start(11, key: "taken"),
                Sample.start(12, claim: Sample.claim("known")),
                Sample.start(13, events: [Sample.event("e-2", of: "b")]),
                Sample.start(14),
            ])
            let expected: [StartAnswer] = [
                .started(eventVersions: [1]), .keyTaken(Sample.sagaID(1)),
                .repeated(Sample.sagaID(1)), .started(eventVersions: [1]),
                .started(eventVersions: []),
            ]
            try expectEqual(answers, expected, "the answers")
            try await expectAbsent(11, in: store)
            try await expectAbsent(12, in: store)
        },
        StoreCheck("starts as many sagas in one batch as a batch holds") { store in
            let numbers = 0..<StoreLimits.batchTransitions
            try await store.expectStarted(
                numbers.map {
                    Sample.start($0, events: [Sample.event("e-\($0)", of: "order-\($0 % 16)")])
                })
            let loaded = try await store.load(numbers.map(Sample.sagaID) + [Sample.sagaID(-1)])
            try expectEqual(
                Set(loaded.map(\.identity.id)), Set(numbers.map(Sample.sagaID)), "the sagas")
            try expectEqual(loaded.count, numbers.count, "the number of sagas")
        },
        StoreCheck("loads no saga that it does not know") { store in
            try await store.expectStarted([Sample.start(1)])
            let found = try await store.load([Sample.sagaID(2), Sample.sagaID(1)])
            try expectEqual(found.map(\.identity.id), [Sample.sagaID(1)], "the sagas")
            let journal = try await store.journal(of: Sample.sagaID(2), after: 0, limit: 9)
            try expectEqual(journal, [], "the journal of an unknown saga")
        },
    ]
}
