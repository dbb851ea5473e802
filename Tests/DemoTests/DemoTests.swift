import Foundation
import LoadClient
import Testing

/// The demo as `make demo` runs it.
@Suite struct `The demo` {
    @Test(.timeLimit(.minutes(5)))
    func `tells four stories, ends with a ledger that adds up, and leaves nothing running`()
        async throws
    {
        let (status, text) = try await Stage.run("demo-test") { stage in
            let programs = try Programs.findForTests()
            let log = stage.path("demo.log")
            let demo = try await stage.start(
                Launch("sagad-demo", [try programs.path("sagad-demo")], logFile: log))
            let end = await demo.wait()
            return (end, try String(contentsOfFile: log, encoding: .utf8))
        }
        #expect(status == .status(0), "\(text)")
        for told in [
            "← review: approved", "← payment: declined", "← payment: taken back",
            "✗ the daemon is killed", "■ completed", "✓ it adds up",
        ] {
            #expect(text.contains(told), "the demo never says: \(told)\n\(text)")
        }
    }
}
