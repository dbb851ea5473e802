import SagaCore
import SagaRuntime
import SagaTestKit
import Testing

/// A trip, whose hotel is a saga of its own, and whose charge may be declined.
private enum Trip {
    static let hotel = SagaDefinition(
        name: "hotel", version: 1,
        nodes: [
            Node(
                body: .step(
                    Step(
                        name: "book", subject: "hotels.book",
                        outcomes: [Outcome(name: "booked"), Outcome(name: "full", then: .reject)],
                        compensation: Compensation(subject: "hotels.release"))))
        ],
        output: .map([
            Template.Member(name: "room", value: .expression(.variable(.stepResult("book"))))
        ]))

    static let trip = SagaDefinition(
        name: "trip", version: 1,
        nodes: [
            Node(
                body: .step(
                    Step(
                        name: "hotel", work: .child(Child(saga: "hotel")), timeout: nil,
                        retry: .none,
                        outcomes: [
                            Outcome(name: "completed"),
                            Outcome(name: "compensated", then: .reject),
                        ],
                        compensation: Compensation(work: .child, timeout: nil)))),
            Node(
                body: .step(
                    Step(
                        name: "charge", subject: "cards.charge",
                        outcomes: [
                            Outcome(name: "charged"), Outcome(name: "declined", then: .reject),
                        ]))),
        ])

    static func workshop(
        store: InMemoryStore? = nil, clock: ManualClock = ManualClock(),
        definitions: [SagaDefinition] = [trip, hotel]
    ) -> Workshop {
        let workshop = Workshop(store: store, clock: clock, definitions: definitions)
        workshop.bus.participant(on: "hotels.book") { _ in
            .outcome("booked", ["number": 7])
        }
        workshop.bus.participant(on: "hotels.release") { _ in .outcome("done") }
        workshop.bus.participant(on: "cards.charge") { _ in .outcome("charged") }
        return workshop
    }
}

extension Workshop {
    fileprivate func trip() async throws -> StartedSaga {
        try await coordinator.start(
            StartRequest(definition: "trip", body: ["guest": "Ada"], digest: []))
    }

    /// The state of a saga that has ended, once it has; time passes until then.
    fileprivate func ended(_ saga: StartedSaga) async throws -> SagaState {
        try await passTime { try await store.load([saga.identity.id]).first?.endedAt != nil }
        let record = try #require(try await store.load([saga.identity.id]).first)
        return try SagaState(record: record)
    }

    fileprivate func childStatuses() async throws -> [SagaStatus] {
        var query = SagaQuery()
        query.definition = "hotel"
        return try await store.list(query).sagas.map(\.status)
    }
}

@Suite struct `A child saga` {
    @Test func `runs to its end, and its parent goes on with what it gives out`() async throws {
        let workshop = Trip.workshop()
        try await workshop.running { workshop in
            let state = try await workshop.ended(try await workshop.trip())
            #expect(state.status == .completed)
            #expect(state.steps["hotel"]?.result == ["room": ["number": 7]])
            #expect(try await workshop.childStatuses() == [.completed])
        }
    }

    @Test func `that is compensated turns its parent round`() async throws {
        let workshop = Trip.workshop()
        workshop.bus.participant(on: "hotels.book") { _ in
            .outcome("full", ["reason": "no room is free"])
        }
        try await workshop.running { workshop in
            let state = try await workshop.ended(try await workshop.trip())
            #expect(state.status == .compensated)
            #expect(state.failure?.reason == "no room is free")
            #expect(workshop.bus.sentCommands.map(\.command.subject) == ["hotels.book"])
        }
    }

    @Test func `that has completed takes itself back with its parent`() async throws {
        let workshop = Trip.workshop()
        workshop.bus.participant(on: "cards.charge") { _ in .outcome("declined") }
        try await workshop.running { workshop in
            let state = try await workshop.ended(try await workshop.trip())
            #expect(state.status == .compensated)
            #expect(try await workshop.childStatuses() == [.compensated])
            #expect(
                workshop.bus.sentCommands.map(\.command.subject)
                    == ["hotels.book", "cards.charge", "hotels.release"])
        }
    }

    @Test func `whose definition is not loaded rejects, with what is missing`() async throws {
        let workshop = Trip.workshop(definitions: [Trip.trip])
        try await workshop.running { workshop in
            let state = try await workshop.ended(try await workshop.trip())
            #expect(state.status == .compensated)
            #expect(state.failure?.code == "unknown-definition")
        }
    }

    @Test func `is started by the next daemon where the first one was killed`() async throws {
        let clock = ManualClock()
        let store = InMemoryStore(clock: clock)
        var saga: StartedSaga?
        let first = Trip.workshop(store: store, clock: clock)
        try await first.running { workshop in
            let trip = try await workshop.trip()
            saga = trip
        }
        let second = Trip.workshop(store: store, clock: clock)
        let started = try #require(saga)
        try await second.running { (workshop: Workshop) in
            let state = try await workshop.ended(started)
            #expect(state.status == .completed)
            #expect(try await workshop.childStatuses() == [.completed])
        }
    }

    @Test func `is cancelled with its parent`() async throws {
        let workshop = Trip.workshop()
        workshop.bus.participant(on: "hotels.book") { _ in .silence }
        try await workshop.running { workshop in
            let trip = try await workshop.trip()
            try await workshop.passTime { !workshop.bus.sentCommands.isEmpty }
            let action = OperatorAction(by: "kim", reason: "the guest fell ill")
            _ = try await workshop.coordinator.operate(on: trip.identity.id, .cancel(action))
            let state = try await workshop.ended(trip)
            #expect(state.status == .compensated)
            #expect(state.failure?.reason == "the guest fell ill")
            #expect(try await workshop.childStatuses() == [.compensated])
            // The booking may have happened, so it is taken back.
            #expect(
                Set(workshop.bus.sentCommands.map(\.command.subject))
                    == ["hotels.book", "hotels.release"])
        }
    }

    @Test func `that ended before its parent was cancelled, and was not heard, is heard again`()
        async throws
    {
        let clock = ManualClock()
        let store = InMemoryStore(clock: clock)
        let first = Trip.workshop(store: store, clock: clock)
        first.bus.participant(on: "hotels.book") { _ in .silence }
        var saga: StartedSaga?
        try await first.running { workshop in
            let trip = try await workshop.trip()
            saga = trip
            try await workshop.passTime { !workshop.bus.sentCommands.isEmpty }
        }
        let trip = try #require(saga)
        // The child ends where nobody knows the parent's definition, and so tells no one.
        let second = Trip.workshop(store: store, clock: clock, definitions: [Trip.hotel])
        try await second.running { workshop in
            try await workshop.passTime { try await workshop.childStatuses() == [.completed] }
        }
        // The parent is cancelled where nobody knows the child's.
        let third = Trip.workshop(store: store, clock: clock, definitions: [Trip.trip])
        try await third.running { workshop in
            let action = OperatorAction(by: "kim", reason: "the guest fell ill")
            _ = try await workshop.coordinator.operate(on: trip.identity.id, .cancel(action))
        }
        let fourth = Trip.workshop(store: store, clock: clock)
        try await fourth.running { workshop in
            let state = try await workshop.ended(trip)
            #expect(state.status == .compensated)
            #expect(try await workshop.childStatuses() == [.compensated])
            #expect(workshop.bus.sentCommands.map(\.command.subject) == ["hotels.release"])
        }
    }
}
