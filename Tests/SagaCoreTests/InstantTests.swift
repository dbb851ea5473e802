import Testing

@testable import SagaCore

@Suite struct `An instant` {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2000-02-29T12:34:56Z", 951_827_696_000_000),
            ("2024-02-29T23:59:59.999999Z", 1_709_251_199_999_999),
            ("2100-03-01T00:00:00Z", 4_107_542_400_000_000),
            ("1969-12-31T23:59:59.5Z", -500_000), ("1900-03-01T00:00:00Z", -2_203_891_200_000_000),
            ("0001-01-01T00:00:00Z", -62_135_596_800_000_000),
            ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
            ("2026-11-24T03:38:54.25Z", 1_795_491_534_250_000),
        ] as [(String, Int64)])
    func `in text form reads back`(text: String, microseconds: Int64) {
        let instant = Instant(microseconds: microseconds)
        #expect(instant.description == text)
        #expect(Instant(text) == instant)
    }

    @Test func `of every day of 220 years reads back`() {
        let start = Instant("1890-01-01T06:00:00Z")!
        for day in 0..<(220 * 365) {
            let instant = start + .seconds(day * 86_400)
            guard Instant(instant.description) == instant else {
                Issue.record("\(instant) reads back as another")
                return
            }
        }
    }

    @Test(arguments: [
        ("2026-01-01T02:30:00+02:30", "2026-01-01T00:00:00Z"),
        ("2025-12-31T19:00:00-05:00", "2026-01-01T00:00:00Z"),
        ("2026-03-01T00:30:00+01:00", "2026-02-28T23:30:00Z"),
        ("2026-01-01t00:00:00z", "2026-01-01T00:00:00Z"),
        ("2026-01-01 00:00:00Z", "2026-01-01T00:00:00Z"),
        ("2026-01-01T00:00:00.1234567Z", "2026-01-01T00:00:00.123456Z"),
        ("2026-01-01T00:00:00.120000Z", "2026-01-01T00:00:00.12Z"),
    ])
    func `with an offset or another form is written in UTC`(text: String, utc: String) {
        #expect(Instant(text)?.description == utc)
    }

    @Test(arguments: [
        "", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-04-31T00:00:00Z",
        "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z",
        "2026-01-01T00:00:00", "2026-01-01", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+2:00",
        "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00Zx", "26-01-01T00:00:00Z",
        "-2026-01-01T00:00:00Z", "2026-1-01T00:00:00Z",
    ])
    func `has no other form`(text: String) {
        #expect(Instant(text) == nil)
    }

    @Test func `moves by durations and gives them back`() {
        let instant = Instant(microseconds: 1_000_000)
        #expect(instant + .milliseconds(-2_500) == Instant(microseconds: -1_500_000))
        #expect(instant - Instant(microseconds: -500_000) == .milliseconds(1_500))
        #expect(instant < instant + .microseconds(1))
        #expect(Instant(microseconds: .max) + .seconds(1) == Instant(microseconds: .max))
    }
}

@Suite struct `A duration` {
    @Test(
        arguments: [
            (Duration.zero, "0s"), (.seconds(90), "90s"), (.milliseconds(250), "0.25s"),
            (.milliseconds(-1500), "-1.5s"), (.microseconds(1), "0.000001s"),
            (.nanoseconds(1_999), "0.000001s"), (.seconds(3600 * 24), "86400s"),
        ] as [(Duration, String)])
    func `is written in seconds`(duration: Duration, text: String) {
        #expect(duration.secondsText == text)
    }
}
