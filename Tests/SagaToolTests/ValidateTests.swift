import Foundation
import SagaCore
import Testing

@testable import SagaTool

private let broken = """
    saga: order
    version: 1
    steps:
      - step: payment
        command: payments.debit
    """

@Suite struct `sagactl validate` {
    @Test func `loads a directory as the daemon does`() throws {
        let sagas = project.appendingPathComponent("sagas").path
        let report = Sagactl.report(for: ["validate", sagas])
        #expect(report.problems == "")
        #expect(report.status == .fine)
        #expect(report.output.hasSuffix("files fine\n"))
    }

    @Test func `says what is wrong on standard error, with line, caret and fix`() throws {
        let directory = try TemporaryDirectory([("order.yaml", broken)])
        let report = Sagactl.report(for: ["validate", "\(directory.path)/order.yaml"])
        #expect(report.status == .findings)
        #expect(report.output == "")
        #expect(report.problems.hasPrefix("\(directory.path)/order.yaml:4:11: error: "))
        #expect(report.problems.contains("          ^~~~~~~\n    fix: "))
    }

    @Test func `says it to programs on standard output`() throws {
        let directory = try TemporaryDirectory([("order.yaml", broken)])
        let report = Sagactl.report(
            for: ["validate", "--format", "json", "\(directory.path)/order.yaml"])
        let found = try Value(json: report.output).elements?.first
        #expect(found?["line"] == 4)
        #expect(found?["column"] == 11)
        #expect(found?["severity"] == "error")
        #expect(found?["code"] == "missing-compensation")
        #expect(found?["fix"]?.text?.isEmpty == false)
        #expect(report.problems == "")
        #expect(report.status == .findings)
    }

    @Test func `finds a clash between two files`() throws {
        let fine = broken + "\n    compensate: none\n"
        let directory = try TemporaryDirectory([("a.yaml", fine), ("b.yaml", fine)])
        let report = Sagactl.report(
            for: ["validate", "\(directory.path)/a.yaml", "\(directory.path)/b.yaml"])
        #expect(report.problems.contains("b.yaml:2:10: error: order version 1 is defined in"))
    }

    @Test func `takes a file that is not there for a finding and a wrong flag for wrong usage`() {
        #expect(Sagactl.report(for: ["validate", "/nowhere/order.yaml"]).status == .findings)
        #expect(Sagactl.report(for: ["validate", "--fromat", "x", "y"]).status == .wrongUsage)
        #expect(Sagactl.report(for: ["validate"]).status == .wrongUsage)
        #expect(Sagactl.report(for: []).status == .fine)
    }
}
