import SagaCore
import SagaLanguage
import Testing

@testable import SagaCheck

/// Definitions with every kind of node.
enum Nodes {
    static let trip = """
        saga: order
        version: 1
        steps:
          - parallel:
              travel:
                - step: flight
                  command: flights.book
                  retry: none
                  outcomes: {booked: {}, full: {then: reject}}
                  compensate: {command: flights.cancel, retry: none}
              stay:
                - step: hotel
                  command: hotels.book
                  retry: none
                  compensate: {command: hotels.cancel, retry: none}
          - wait: 2h
        """

    static let guests = """
        saga: order
        version: 1
        steps:
          - each: ${input.guests}
            as: guest
            steps:
              - step: invite
                command: mails.invite
                retry: none
                outcomes: {sent: {}, refused: {then: reject}}
                compensate: {command: mails.withdraw, retry: none}
        """

    static let approval = """
        saga: order
        version: 1
        steps:
          - step: approval
            ask: {title: May we?, quorum: 2}
            timeout: 1d
            outcomes: {approved: {}, refused: {then: reject}, timeout: {then: reject}}
          - step: invoice
            await: the invoice is paid
            timeout: 30d
            outcomes: {paid: {}}
        """

    static let parent = """
        saga: order
        version: 1
        steps:
          - step: shipping
            saga: shipping
            compensate: {}
          - step: mail
            command: mails.send
            retry: none
            outcomes: {sent: {}, bounced: {then: reject}}
            compensate: none
        """

    static func result(_ scenario: String, of definition: String) throws -> ScenarioResult {
        let text = "saga: order\nscenarios:\n  - name: it\n" + Sample.indented(scenario)
        let file = try Sample.read(text, about: definition)
        return ScenarioResult.of(file.scenarios[0], file.definition)
    }

    static func check(_ text: String, hostile: Bool = false) throws -> ModelCheck.Result {
        var options = ModelCheck.Options()
        options.isHostile = hostile
        return ModelCheck.run(try Sample.definition(text), options: options)
    }
}

@Suite struct `A rehearsal of every kind of node` {
    @Test func `runs branches at the same time, and takes all of them back`() throws {
        let fine = try Nodes.result(
            "expect: {status: completed, commands: {flights.book: 1, hotels.book: 1}}",
            of: Nodes.trip)
        #expect(fine.report.contains("differ") == false)
        #expect(fine.differences == [])
        #expect(fine.timeline.text.contains("2h0m0.001s"))
        let full = try Nodes.result(
            "given: {flight: full}\nexpect: {status: compensated, compensated: [hotel]}",
            of: Nodes.trip)
        #expect(full.differences == [])
    }

    @Test func `answers elements one by one`() throws {
        let result = try Nodes.result(
            """
            input: {guests: [Ann, Ben, Cid]}
            given: {"invite[1]": refused}
            expect:
              status: compensated
              commands: {mails.invite: 3, mails.withdraw: 2}
              steps: {"invite[0]": sent, "invite[1]": rejected}
            """, of: Nodes.guests)
        #expect(result.differences == [])
    }

    @Test func `tells that no element's step was entered`() throws {
        let none = try Nodes.result(
            "input: {guests: []}\nexpect: {steps: {invite: never}}", of: Nodes.guests)
        #expect(none.differences == [])
        let two = try Nodes.result(
            "input: {guests: [Ann, Ben]}\nexpect: {steps: {invite: never}}", of: Nodes.guests)
        #expect(two.differences.map(\.found) == ["entered as invite[0], invite[1]"])
    }

    @Test func `has people and events`() throws {
        let fine = try Nodes.result("expect: {status: completed}", of: Nodes.approval)
        #expect(fine.differences == [])
        #expect(fine.timeline.text.contains("← approval: approved by person-2"))
        let split = try Nodes.result(
            "given: {approval: [approved, refused]}\nexpect: {status: compensated}",
            of: Nodes.approval)
        #expect(split.differences == [])
        let silent = try Nodes.result(
            "given: {approval: timeout}\nexpect: {failure: {outcome: timeout}}",
            of: Nodes.approval)
        #expect(silent.differences == [])
        let unpaid = try Nodes.result(
            "given: {invoice: timeout}\nexpect: {status: compensated}", of: Nodes.approval)
        #expect(unpaid.differences == [])
    }

    @Test func `has child sagas`() throws {
        let back = try Nodes.result(
            "given: {mail: bounced}\nexpect: {status: compensated, compensated: [shipping]}",
            of: Nodes.parent)
        #expect(back.differences == [])
        #expect(back.timeline.text.contains("→ saga shipping is taken back"))
        let child = try Nodes.result(
            "given: {shipping: {compensated: {reason: no lorry}}}\n"
                + "expect: {status: compensated, compensated: [], failure: {reason: no lorry}}",
            of: Nodes.parent)
        #expect(child.differences == [])
    }
}

@Suite struct `The model checker on every kind of node` {
    @Test(arguments: [Nodes.trip, Nodes.guests, Nodes.approval, Nodes.parent])
    func `verifies it`(text: String) throws {
        let result = try Nodes.check(text)
        let report = result.report(options: ModelCheck.Options(), took: .zero)
        #expect(result.hasPassed, "\(report)")
    }

    @Test func `explores lists of no, one and two elements`() throws {
        let guests = try Sample.definition(Nodes.guests)
        let stepper = Stepper(guests)
        let sizes = stepper.starts().map { $0.state.saga.steps["each#1"]?.list?.count }
        #expect(Set(sizes) == [0, 1, 2, nil])
    }
}
