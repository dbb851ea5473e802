import Testing

@testable import Daemon

@Suite struct `Flags among arguments` {
    @Test func `take their value from behind or from within`() {
        let flags = SettingsFlags(["--http-listen", "a:1", "--config=/x", "--coordinator-lanes=3"])
        #expect(flags.values == ["http.listen": ["a:1"], "coordinator.lanes": ["3"]])
        #expect(flags.configPath == "/x")
        #expect(flags.leftOver == [])
        #expect(flags.problems == [])
    }

    @Test func `leave over what is no setting, in its order`() {
        let flags = SettingsFlags(["serve", "--help", "--log-level", "debug", "--", "--log-level"])
        #expect(flags.values == ["log.level": ["debug"]])
        #expect(flags.leftOver == ["serve", "--help", "--log-level"])
    }

    @Test(arguments: [
        (["--dev-workers"], "true"), (["--dev-workers", "false"], "false"),
        (["--dev-workers=false"], "false"), (["--dev-workers", "--config=/x"], "true"),
    ])
    func `that say yes or no may stand alone`(arguments: [String], value: String) {
        #expect(SettingsFlags(arguments).values == ["dev.workers": [value]])
    }

    @Test func `of a list add up`() {
        let flags = SettingsFlags(["--sagas-active=a, b", "--sagas-active", "c"])
        #expect(flags.values == ["sagas.active": ["a", "b", "c"]])
    }

    @Test func `given twice or without a value are problems`() {
        let flags = SettingsFlags([
            "--log-level=info", "--log-level=debug", "--http-listen", "--config",
        ])
        #expect(
            flags.problems.map(\.description) == [
                "--log-level: error: log.level: expected one value; found the flag twice. Leave "
                    + "one of the two out.",
                "--http-listen: error: expected a value behind the flag; found none. Write "
                    + "--http-listen VALUE or --http-listen=VALUE.",
                "--config: error: expected a value behind the flag; found none. Write --config "
                    + "VALUE or --config=VALUE.",
            ])
    }

    @Test func `that are misspelt are told the right one`() {
        #expect(
            problems(.dev, ["--http-lisen=127.0.0.1:1", "-x"]) == [
                "--http-lisen: error: expected a flag of sagad; found an unknown one. Did you "
                    + "mean --http-listen?",
                "-x: error: expected a flag of sagad; found an unknown one. `sagad help config` "
                    + "lists them.",
            ])
    }
}

@Suite struct `Values of settings` {
    @Test(arguments: [
        ("30s", 30_000), ("1h30m", 5_400_000), ("500ms", 500), ("1m1ms", 60_001),
        ("2d", 172_800_000), ("0s", 0),
    ])
    func `read durations`(text: String, milliseconds: Int) {
        #expect(DurationMeasure.parse(text) == .milliseconds(milliseconds))
    }

    @Test(arguments: [
        "", "30", "s", "1.5s", "-1s", "1m1h", "1s1s", "1 s", "30S", "9999999999s", "1h30", "٣s",
    ])
    func `refuse what is no duration`(text: String) {
        #expect(DurationMeasure.parse(text) == nil)
    }

    @Test(arguments: ["30s", "1h30m", "500ms", "24h", "1m1ms", "0s"])
    func `write durations as they are read`(text: String) throws {
        #expect(DurationMeasure.write(try #require(DurationMeasure.parse(text))) == text)
    }

    @Test(arguments: [("512KiB", 524_288), ("4MiB", 4_194_304), ("100B", 100), ("1GiB", 1 << 30)])
    func `read and write byte counts`(text: String, bytes: Int) {
        #expect(ByteMeasure.parse(text) == bytes)
        #expect(ByteMeasure.write(bytes) == text)
    }

    @Test(arguments: ["", "512", "KiB", "1.5MiB", "-1B", "512KB", "512 KiB", "99999999999GiB"])
    func `refuse what is no byte count`(text: String) {
        #expect(ByteMeasure.parse(text) == nil)
    }

    @Test(arguments: [
        ("127.0.0.1:3000", true), ("localhost:0", true), ("[::1]:80", true), ("127.9.9.9:1", true),
        ("0.0.0.0:80", false), ("[::]:80", false), ("127.example:80", false),
        ("10.0.0.1:80", false),
    ])
    func `tell a loopback address from others`(text: String, isLoopback: Bool) throws {
        let address = try #require(ListenAddress(text))
        #expect(address.isLoopback == isLoopback)
        #expect(address.description == text)
    }

    @Test(arguments: [
        "", "3000", ":3000", "host", "host:", "host:99999", "::1:80", "[x]:80", "a b:1",
    ])
    func `refuse what is no address`(text: String) {
        #expect(ListenAddress(text) == nil)
    }

    @Test(arguments: [
        (
            "postgresql://u:geheim@db:26257/x?sslmode=verify-full&password=geheim",
            "postgresql://db:26257/x"
        ),
        ("postgres:///x?host=/run/postgresql", "postgresql://x"),
        ("postgresql://u:ge?heim@db/x", "postgresql://…"),
        ("sqlite:a/b.db", "sqlite:a/b.db"),
    ])
    func `show a database without its secrets`(text: String, shown: String) throws {
        let url = try #require(DatabaseURL(text))
        #expect("\(url)" == shown)
        #expect(url.text == text)
    }

    @Test(arguments: ["", "mysql://x", "sqlite:", "sqlite:///x.db", "/x.db", "http://x"])
    func `refuse what is no database`(text: String) {
        #expect(DatabaseURL(text) == nil)
    }

    @Test func `refuse NATS servers without a scheme`() throws {
        #expect(
            try load(.dev, ["--nats-url=nats://a:1,tls://b:2"]).nats.servers == [
                "nats://a:1", "tls://b:2",
            ])
        #expect(problems(.dev, ["--nats-url=127.0.0.1:4222"]).count == 1)
        #expect(problems(.dev, ["--nats-url=nats://a,"]).count == 1)
        #expect(problems(.dev, ["--nats-url="]).count == 1)
    }

    @Test func `refuse an empty variable`() {
        let found = problems(.dev, environment: ["SAGAD_SAGAS_DIRECTORY": ""])
        #expect(
            found == [
                "SAGAD_SAGAS_DIRECTORY: error: sagas.directory: expected a path; found ``, which "
                    + "is empty. Correct it, or remove it for the default (/etc/sagad/sagas; dev: "
                    + "sagas)."
            ])
    }
}
