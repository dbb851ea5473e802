import SagaCore
import SagaRuntime
import Testing

@testable import SagaAPI

/// Orders have run under two versions; the first stands in no file any more.
private func rig() -> Rig {
    let rig = Rig()
    var second = Definitions.order
    second.version = 2
    rig.door.catalog.replace(
        entries: [.init(definition: second, hash: [0x02])], offered: [second, Definitions.note],
        active: nil)
    func record(_ name: String, _ version: Int, _ hash: [UInt8]) -> DefinitionRecord {
        DefinitionRecord(name: name, version: version, hash: hash, source: "{}")
    }
    rig.store.put([
        record("note", 2, [0x0A, 0xFF]), record("order", 1, [0x0A, 0xFF]),
        record("order", 2, [0x02]), record("refund", 1, [0x0A, 0xFF]),
    ])
    for number in 1...3 {
        let identity = SagaIdentity(
            id: sagaID(UInt64(number)), name: "order", definitionVersion: number < 3 ? 1 : 2,
            key: "o-\(number)")
        rig.store.put(identity, state: SagaState(started: identity))
    }
    return rig
}

@Suite struct `A definition` {
    @Test func `is shown with its versions and how many sagas of each have not ended`()
        async throws
    {
        let answer = try await rig().serve { try await $0.send("GET", "/api/definitions/order") }
        #expect(
            answer
                == .json(
                    200,
                    #"{"name":"order","version":2,"description":"Take the payment, then approve.","intake":"/api/orders","hash":"02","offered":true,"versions":[{"version":2,"hash":"02","offered":true,"running":1},{"version":1,"hash":"0aff","offered":false,"running":2}]}"#
                ))
    }

    @Test func `that no file holds any more is shown as it ran last`() async throws {
        let answer = try await rig().serve { try await $0.send("GET", "/api/definitions/refund") }
        #expect(
            answer
                == .json(
                    200,
                    #"{"name":"refund","version":1,"description":null,"intake":null,"hash":"0aff","offered":false,"versions":[{"version":1,"hash":"0aff","offered":false,"running":0}]}"#
                ))
    }

    @Test(arguments: ["/api/definitions/odrer", "/api/definitions/odrer/graph"])
    func `that never was is a problem that names those there are`(path: String) async throws {
        let answer = try await rig().serve { try await $0.send("GET", path) }
        #expect(
            answer
                == .problem(
                    404, "unknown-definition", "No such definition",
                    #""detail":"there is no definition 'odrer': there is note, order, refund""#))
    }
}

@Suite struct `The graph of a definition` {
    @Test func `is JSON`() async throws {
        let answer = try await rig().serve {
            try await $0.send("GET", "/api/definitions/note/graph")
        }
        #expect(
            answer
                == .json(
                    200,
                    #"{"saga":"note","version":2,"description":null,"start":{"title":"POST /api/notes","event":null},"nodes":[{"name":"keep","kind":"step","does":"notes.keep","details":["30s, 5 attempts"],"when":null,"continuing":["done"],"rejecting":["final error"],"unknown":"no answer","taken_back":[],"pivot":false}],"completed":{"title":"completed","event":null},"compensated":{"title":"compensated","event":null}}"#,
                    ["vary": "Accept"]))
    }

    @Test func `is a picture for those who would rather have one`() async throws {
        let answer = try await rig().serve {
            try await $0.send(
                "GET", "/api/definitions/order/graph?version=1",
                ["Accept": "image/avif,image/svg+xml,image/*;q=0.8,*/*;q=0.5"])
        }
        #expect(answer.status == 200)
        #expect(answer.fields["content-type"] == "image/svg+xml")
        #expect(answer.body.hasPrefix("<svg "))
        #expect(answer.body.contains("<title>order, version 1</title>"))
    }

    @Test func `of a version that never was is a problem`() async throws {
        let answer = try await rig().serve {
            try await $0.send("GET", "/api/definitions/order/graph?version=7")
        }
        #expect(
            answer
                == .problem(
                    404, "unknown-definition", "No such definition",
                    #""detail":"there is no version 7 of 'order': there is 1, 2""#))
    }

    @Test func `of a version that is no number is a problem`() async throws {
        let answer = try await rig().serve {
            try await $0.send("GET", "/api/definitions/order/graph?version=one")
        }
        #expect(
            answer
                == .problem(
                    422, "invalid-query", "The query is not what is expected",
                    #""detail":"/version: must be a whole number from 1, is 'one'","errors":[{"pointer":"/version","message":"must be a whole number from 1, is 'one'"}]"#
                ))
    }

    @Test(arguments: [
        (nil, false), ("*/*", false), ("application/json", false), ("image/svg+xml", true),
        ("image/*", true), ("application/json;q=0.5, image/svg+xml;q=0.4", false),
        ("image/svg+xml;q=0", false), ("text/html, */*;q=0.1", false),
        ("image/svg+xml, application/json", false),
    ])
    func `is a picture only where that is wanted more`(accept: String?, isPicture: Bool) {
        let media = MediaPreference(accept)
        #expect(media.prefers("image/svg+xml", to: "application/json") == isPicture)
    }
}
