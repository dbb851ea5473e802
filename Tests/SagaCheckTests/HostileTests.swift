import SagaCore
import Testing

@testable import SagaCheck

/// A flight, then the card: the heart of `sagas/trip.yaml`.
private let trip = """
    saga: order
    version: 1
    steps:
      - step: flight
        command: flights.hold
        retry: none
        outcomes: {held: {}, sold_out: {then: reject}}
        compensate: {command: flights.release}
      - step: charge
        command: payments.charge
        retry: none
        unknown: {probe: payments.status, every: 10s, for: 10m, otherwise: stuck}
        outcomes: {charged: {}, declined: {then: reject}}
        pivot: true
      - step: tickets
        command: flights.issue
        outcomes: {issued: {}}
    """

private func check(_ holds: String, hostile: Bool) throws -> ModelCheck.Result {
    let definition = try Sample.definition(trip)
    let invariant = try Invariant.read("it", holds, of: definition).get()
    var options = ModelCheck.Options()
    options.isHostile = hostile
    return ModelCheck.run(definition, invariants: [invariant], options: options)
}

/// What a trip promises of its card: the answers that count are the participant's.
@Suite struct `A participant that declines and charges all the same` {
    private static let said =
        "${steps.charge.outcome != 'charged' || steps.flight.compensation == null}"
    private static let taken =
        "${steps.charge.state != 'completed' || steps.flight.compensation == null}"

    @Test func `has charged what is given back, which no saga can mend`() throws {
        let result = try check(Self.said, hostile: true)
        #expect(result.counterexamples.map(\.property) == [.invariant("it")])
        let example = try #require(result.counterexamples.first)
        #expect(example.depth == 3)
        let lines = example.timeline.text
        #expect(lines.contains("charge: declined"))
        #expect(lines.contains("late news of charge: charged    <-- it is false here"))
    }

    @Test func `does not make the saga take for done what it gives back`() throws {
        #expect(try check(Self.taken, hostile: true).hasPassed)
    }

    @Test func `breaks the contract: one that keeps it has charged nothing`() throws {
        #expect(try check(Self.said, hostile: false).hasPassed)
        #expect(try check(Self.taken, hostile: false).hasPassed)
    }
}

@Suite struct `A car that is reserved after it was given up` {
    private let definition = """
        saga: order
        version: 1
        steps:
          - parallel:
              car:
                - step: car
                  command: cars.reserve
                  retry: none
                  optional: true
                  outcomes: {reserved: {}, none_free: {then: reject}}
                  compensate: {command: cars.cancel}
              flight:
                - step: flight
                  command: flights.hold
                  retry: none
                  compensate: {command: flights.release}
          - step: keys
            when: ${has(steps.car.result) && steps.car.outcome == 'reserved'}
            command: keys.send
            compensate: none
        """

    @Test(arguments: [false, true])
    func `is not counted on by what follows`(isHostile: Bool) throws {
        let definition = try Sample.definition(definition)
        let invariant = try Invariant.read(
            "keys are sent for a car that stands",
            "${steps.keys.state != 'running' || steps.car.state == 'completed'}",
            of: definition
        ).get()
        var options = ModelCheck.Options()
        options.isHostile = isHostile
        let result = ModelCheck.run(definition, invariants: [invariant], options: options)
        let report = result.report(options: options, took: .zero)
        #expect(result.hasPassed, "\(report)")
    }
}
