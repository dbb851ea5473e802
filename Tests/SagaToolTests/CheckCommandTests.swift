import Foundation
import Testing

@testable import SagaTool

@Suite struct `sagactl check` {
    @Test(arguments: ["order", "refund"])
    func `verifies the shipped sagas`(name: String) {
        let file = project.appendingPathComponent("sagas/\(name).yaml").path
        let report = Sagactl.report(for: ["check", file])
        #expect(report.problems == "")
        #expect(report.status == .fine, "\(report.output)")
        #expect(report.output.hasPrefix("\(file): \(name), version 1\n  explored "))
        #expect(report.output.contains("✓ invariant: "))
    }

    @Test func `fails with a counterexample, a limit, or a file that does not load`() throws {
        let saga = """
            saga: order
            version: 1
            steps:
              - {step: payment, command: a.b, compensate: none}
            """
        let scenarios = """
            saga: order
            invariants:
              - {name: always paid, holds: "${status != 'compensated'}"}
            """
        let directory = try TemporaryDirectory([
            ("order.yaml", saga), ("order.test.yaml", scenarios),
        ])
        let file = "\(directory.path)/order.yaml"
        let broken = Sagactl.report(for: ["check", file])
        #expect(broken.status == .findings)
        #expect(
            broken.output.contains("✗ invariant: always paid\n      shortest counterexample, 1 "))
        let limited = Sagactl.report(for: ["check", file, "--limit", "3"])
        #expect(limited.status == .findings)
        #expect(limited.output.contains("the limit of 3 states was reached"))
        #expect(Sagactl.report(for: ["check", file, "--limit", "0"]).status == .wrongUsage)
        #expect(Sagactl.report(for: ["check", "/nowhere.yaml"]).status == .findings)
    }

    @Test func `prints the stories`() {
        let file = project.appendingPathComponent("sagas/order.yaml").path
        let report = Sagactl.report(for: ["check", file, "--sequences"])
        #expect(
            report.output.contains("  completed\n    created → paymentdebited → approved\n"))
    }
}
