import Foundation
import Testing

@testable import SagaTool

private let saga = """
    saga: order
    version: 1
    steps:
      - step: payment
        command: payments.debit
        outcomes: {debited: {}, declined: {then: reject}}
        compensate: {command: payments.void}
    """

private let scenarios = """
    saga: order
    scenarios:
      - name: paid
        expect: {status: completed}
      - name: <declined> & done
        given: {payment: declined}
        expect: {status: completed}
    """

@Suite struct `sagactl test` {
    @Test func `passes the shipped scenarios`() {
        let sagas = project.appendingPathComponent("sagas").path
        let report = Sagactl.report(for: ["test", sagas])
        #expect(report.problems == "")
        #expect(report.status == .fine, "\(report.output)")
        #expect(report.output.contains("✓ a rejected review voids the payment"))
        #expect(report.output.contains(" 0 failed"))
    }

    @Test func `shows how a run differs, and fails`() throws {
        let directory = try TemporaryDirectory([
            ("order.yaml", saga), ("order.test.yaml", scenarios),
        ])
        let report = Sagactl.report(for: ["test", "\(directory.path)/order.yaml"])
        #expect(report.status == .findings)
        #expect(report.output.contains("  ✓ paid\n  ✗ <declined> & done\n    status\n"))
        #expect(report.output.contains("      expected: completed\n      found:    compensated\n"))
        #expect(report.output.contains("2 scenarios: 1 passed, 1 failed"))
    }

    @Test func `runs what the filter names, and refuses one that names nothing`() throws {
        let directory = try TemporaryDirectory([
            ("order.yaml", saga), ("order.test.yaml", scenarios),
        ])
        let paid = Sagactl.report(for: ["test", directory.path, "--filter", "paid"])
        #expect(paid.status == .fine)
        #expect(paid.output.contains("1 scenario: 1 passed, 0 failed"))
        let none = Sagactl.report(for: ["test", directory.path, "--filter", "nobody"])
        #expect(none.status == .wrongUsage)
    }

    @Test func `writes JUnit XML`() throws {
        let directory = try TemporaryDirectory([
            ("order.yaml", saga), ("order.test.yaml", scenarios),
        ])
        let file = "\(directory.path)/results.xml"
        _ = Sagactl.report(for: ["test", directory.path, "--junit", file])
        let xml = try String(contentsOfFile: file, encoding: .utf8)
        #expect(xml.contains("tests=\"2\" failures=\"1\" errors=\"0\""))
        #expect(xml.contains("name=\"&lt;declined&gt; &amp; done\""))
        #expect(xml.contains("<failure message=\"differs in status\">"))
    }

    @Test func `reports a file that does not read, and refuses one that is not there`() throws {
        let directory = try TemporaryDirectory([
            ("order.yaml", saga), ("order.test.yaml", "saga: order\nscenaros: []\n"),
        ])
        let report = Sagactl.report(for: ["test", directory.path])
        #expect(report.status == .findings)
        #expect(report.problems.contains("order.test.yaml:2:1: error: "))
        #expect(Sagactl.report(for: ["test", "/nowhere"]).status == .wrongUsage)
    }

    @Test func `watches what stands beside the scenarios`() throws {
        let directory = try TemporaryDirectory([("order.test.yaml", scenarios)])
        let files = ["\(directory.path)/order.test.yaml"]
        let before = TestCommand.changes(beside: files)
        #expect(before.count == 1)
        try directory.write(saga, to: "order.yaml")
        #expect(TestCommand.changes(beside: files) != before)
        #expect(TestCommand.pollInterval > 0)
    }
}
