import Testing

@testable import SagaLanguage

@Suite struct `A duration's text` {
    @Test(arguments: [
        ("10s", Duration.seconds(10)), ("200ms", .milliseconds(200)), ("1h30m", .seconds(5400)),
        ("1d", .seconds(86_400)), ("1d2h3m4s5ms", .milliseconds(93_784_005)), ("0s", .zero),
        ("3650d", .seconds(315_360_000)), ("90m", .seconds(5400)),
    ])
    func `is whole numbers of units`(text: String, duration: Duration) throws {
        #expect(try DurationText.parse(text).get() == duration)
    }

    @Test(arguments: [
        "", "s", "10", "10 s", "-1s", "+1s", "1.5h", "1s1m", "1s2s", "1w", "1H", "ms10", "1hm",
        "٣s", "3651d", "99999999999999999999d", "3650d1ms",
    ])
    func `is nothing else`(text: String) {
        #expect(throws: DurationText.Problem.self) { try DurationText.parse(text).get() }
    }

    @Test(arguments: [
        ("10 s", "10s"), ("10", "10s"), ("1.5h", "1h30m"), ("20 minutes", "20m"), ("5 Min", "5m"),
        ("2Hours", "2h"), ("0.5 s", "500ms"), ("1h 30m", "1h30m"), ("10S", "10s"),
    ])
    func `that is nearly right is mended`(text: String, mended: String) {
        guard case .failure(let problem) = DurationText.parse(text) else {
            Issue.record("\(text) was accepted")
            return
        }
        #expect(problem.fix == "write `\(mended)`")
    }

    @Test(arguments: ["1h30m", "200ms", "1d2h3m4s5ms", "0s"])
    func `comes back from the duration`(text: String) throws {
        #expect(DurationText.text(of: try DurationText.parse(text).get()) == text)
    }
}
