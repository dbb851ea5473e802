import SagaCore
import SagaRuntime

extension StoreConformance {
    static let schemaChecks: [StoreCheck] = [
        StoreCheck("migrates again without losing anything") { store in
            try await store.expectStarted([Sample.start(1)])
            try await store.migrate()
            try await store.check()
            try expectEqual(try await store.saga(1).version, 1, "the version of a saga from before")
        },
        StoreCheck("tells the time, and never an earlier one") { store in
            let first = try await store.now()
            let second = try await store.now()
            try expect(first <= second, "the time went back from \(first) to \(second)")
            try expect(first > Sample.time(-86_400 * 365), "the time is \(first)")
        },
        StoreCheck("takes empty batches") { store in
            try expectEqual(try await store.start([]), [], "starts")
            try expectEqual(try await store.commit([]), [], "commits")
            try expectEqual(try await store.load([]), [], "loaded sagas")
            try await store.rearm([])
            try await store.markPublished([])
            let due = try await store.due(shards: [], until: Sample.time(9), limit: 9)
            try expectEqual(due, [], "sagas due in no shard")
            let events = try await store.unpublished(shards: [], before: Sample.time(9), limit: 9)
            try expectEqual(events, [], "events unpublished in no shard")
        },
    ]

    static let definitionChecks: [StoreCheck] = [
        StoreCheck("records a definition, and knows it when it comes again") { store in
            let definition = Sample.definition("order", source: #"{"name":"order"}"#)
            try await expectRegistered(definition, in: store)
            try await expectRegistered(definition, in: store)
            try expectEqual(try await store.definitions(), [definition], "the definitions")
        },
        StoreCheck("keeps a definition's source byte for byte") { store in
            let source = #"{"a":"'é' 'e"# + "\u{301}" + #"' \u0000 \" 🧾"}  "#
            try await expectRegistered(Sample.definition("order", source: source), in: store)
            let found = try required(try await store.definitions().first, "the definition")
            try expectEqual(Array(found.source.utf8), Array(source.utf8), "the source's bytes")
        },
        StoreCheck("replaces content under which no saga ran") { store in
            let second = Sample.definition("order", source: #"{"second":true}"#)
            try await expectRegistered(Sample.definition("order"), in: store)
            try await expectRegistered(second, in: store)
            try expectEqual(try await store.definitions(), [second], "the definitions")
        },
        StoreCheck("keeps content under which a saga ran") { store in
            let first = Sample.definition("order")
            try await expectRegistered(first, in: store)
            try await store.expectStarted([Sample.start(1)])
            let second = Sample.definition("order", source: #"{"second":true}"#)
            let answer = try await store.register(second)
            try expectEqual(answer, .differs(first), "other content after a start")
            try await expectRegistered(first, in: store)
            try expectEqual(try await store.definitions(), [first], "the definitions")
        },
        StoreCheck("fixes a definition by its own starts only") { store in
            let definitions = [
                Sample.definition("order", version: 2), Sample.definition("refund", version: 1),
            ]
            try await expectRegistered(Sample.definition("order"), in: store)
            for definition in definitions { try await expectRegistered(definition, in: store) }
            try await store.expectStarted([Sample.start(1, name: "order", definitionVersion: 1)])
            for definition in definitions {
                let changed = Sample.definition(
                    definition.name, version: definition.version, source: #"{"changed":1}"#)
                try await expectRegistered(changed, in: store)
            }
        },
        StoreCheck("does not fix a definition by a start that was not stored") { store in
            try await expectRegistered(Sample.definition("order"), in: store)
            try await expectRegistered(Sample.definition("order", version: 2), in: store)
            try await store.expectStarted([Sample.start(1, definitionVersion: 1, key: "k")])
            let refused = Sample.start(2, definitionVersion: 2, key: "k")
            let answers = try await store.start([refused])
            try expectEqual(answers, [.keyTaken(Sample.sagaID(1))], "a start with a taken key")
            let changed = Sample.definition("order", version: 2, source: #"{"changed":1}"#)
            try await expectRegistered(changed, in: store)
        },
        StoreCheck("lists definitions by name and version") { store in
            for (name, version) in [("refund", 1), ("order", 10), ("order", 2), ("order", 1)] {
                try await expectRegistered(Sample.definition(name, version: version), in: store)
            }
            let found = try await store.definitions().map { "\($0.name) \($0.version)" }
            try expectEqual(found, ["order 1", "order 2", "order 10", "refund 1"], "the order")
        },
    ]

    private static func expectRegistered(
        _ definition: DefinitionRecord, in store: any Store, fileID: String = #fileID,
        line: Int = #line
    ) async throws {
        let answer = try await store.register(definition)
        try expectEqual(
            answer, .registered, "\(definition.name) \(definition.version)", fileID: fileID,
            line: line)
    }
}
