import Foundation
import Testing

@testable import SagaTool

@Suite struct `sagactl check` {
    @Test(arguments: ["order", "refund", "payout-seller", "payout", "account"])
    func `verifies the shipped sagas`(name: String) {
        let file = project.appendingPathComponent("sagas/\(name).yaml").path
        let report = Sagactl.report(for: ["check", file])
        #expect(report.problems == "")
        #expect(report.status == .fine, "\(report.output)")
        #expect(report.output.hasPrefix("\(file): \(name), version 1\n  explored "))
        #expect(report.output.contains("✓ invariant: "))
    }

    @Test func `verifies the order whose participants only append events`() {
        let file = project.appendingPathComponent("sagas/choreographed/order.yaml").path
        let report = Sagactl.report(for: ["check", file])
        #expect(report.problems == "")
        #expect(report.status == .fine, "\(report.output)")
        #expect(report.output.contains("    events appended before their step is open"))
        #expect(report.output.contains("✓ invariant: an order is completed only where it is paid"))
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

    @Test func `tells of its progress only where it takes longer, on one line of a terminal`() {
        var text = ""
        var progress = CheckProgress(name: "order", rewrites: true) { text += $0 }
        progress.note(256, after: .milliseconds(999))
        progress.finish()
        #expect(text == "")
        progress.note(512, after: .milliseconds(1000))
        progress.note(768, after: .milliseconds(1199))
        progress.note(1024, after: .milliseconds(1200))
        progress.finish()
        progress.finish()
        #expect(
            text == "\r\u{1B}[Korder: 512 states, 1 s\r\u{1B}[Korder: 1024 states, 1 s\r\u{1B}[K")
    }

    @Test func `tells of its progress every few seconds where lines stay`() {
        var lines: [String] = []
        var progress = CheckProgress(name: "order", rewrites: false) { lines.append($0) }
        for second in 0...12 { progress.note(second * 100, after: .seconds(second)) }
        progress.finish()
        #expect(
            lines == [
                "order: 100 states, 1 s\n", "order: 600 states, 6 s\n",
                "order: 1100 states, 11 s\n",
            ])
    }
}
