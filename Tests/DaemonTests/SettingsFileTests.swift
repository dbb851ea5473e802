import Testing

@testable import Daemon

/// What a text gives as the file `f`.
private func read(_ text: String) -> SettingsFile {
    SettingsFile(path: "f", bytes: Array(text.utf8))
}

private func problems(_ text: String) -> [String] {
    read(text).problems.map(\.description)
}

@Suite struct `A file of settings` {
    @Test func `gives values with their places`() {
        let file = read(
            """
            # a comment
            http:
              listen: "127.0.0.1:3000"
            sagas:
              active:
                - order
                - refund
            nats: {url: "nats://a:1, nats://b:2"}
            """)
        #expect(file.problems == [])
        #expect(
            file.layer.entries == [
                "http.listen": SettingsLayer.Entry(
                    texts: ["127.0.0.1:3000"], place: .file("f", line: 3, column: 11)),
                "sagas.active": SettingsLayer.Entry(
                    texts: ["order", "refund"], place: .file("f", line: 6, column: 5)),
                "nats.url": SettingsLayer.Entry(
                    texts: ["nats://a:1", "nats://b:2"], place: .file("f", line: 8, column: 13)),
            ])
    }

    @Test(arguments: ["", "# nothing\n", "---\n", "~"])
    func `may be empty`(text: String) {
        #expect(problems(text) == [])
        #expect(read(text).layer.entries.isEmpty)
    }

    @Test func `tells every unknown name and the nearest known one`() {
        #expect(
            problems(
                """
                htpp:
                  listen: a:1
                http:
                  lsten: a:1
                  zzz: {a: [1, {b: 2}]}
                  body_limit: 1MiB
                http.listen: a:1
                """) == [
                    "f:1:1: error: expected a setting of sagad; found `htpp`. Did you mean `http`?",
                    "f:4:3: error: expected a setting of sagad; found `http.lsten`. Did you mean "
                        + "`http.listen`?",
                    "f:5:3: error: expected a setting of sagad; found `http.zzz`. `sagad help "
                        + "config` lists the settings.",
                    "f:7:1: error: expected a setting of sagad; found `http.listen`. Write "
                        + "http: {listen: …}, each part of the name on a level of its own.",
                ])
    }

    @Test func `tells what is of the wrong shape and goes on behind it`() {
        #expect(
            problems(
                """
                http: 5
                log: [a, {b: c}]
                timers:
                  scan:
                  horizon: [1s]
                outbox:
                  sweep: {every: 1s}
                sagas: {active: [a, [b], ~]}
                bus: {fetch_batch: 10}
                """) == [
                    "f:1:7: error: expected the settings below `http`; found one value. Write "
                        + "them indented on lines of their own.",
                    "f:2:6: error: expected the settings below `log`; found a list. Write them "
                        + "indented on lines of their own.",
                    "f:4:8: error: timers.scan: expected a duration from 100ms to 1m, such as "
                        + "500ms, 30s or 1h30m; found nothing. Correct it, or remove it for the "
                        + "default (1s).",
                    "f:5:12: error: timers.horizon: expected a duration from 1s to 1h, such as "
                        + "500ms, 30s or 1h30m; found a list. Correct it, or remove it for the "
                        + "default (1m).",
                    "f:7:10: error: outbox.sweep: expected a duration from 100ms to 1m, such as "
                        + "500ms, 30s or 1h30m; found a mapping. Correct it, or remove it for the "
                        + "default (1s).",
                    "f:8:21: error: sagas.active: expected one text for each entry; found a list. "
                        + "Correct it, or remove it for the default (all).",
                    "f:8:26: error: sagas.active: expected one text for each entry; found "
                        + "nothing. Correct it, or remove it for the default (all).",
                ])
        #expect(read("http: 5\nbus: {fetch_batch: 10}").layer.entries["bus.fetch_batch"] != nil)
    }

    @Test(arguments: [
        (
            "http:\n  listen: a:1\nhttp:\n  body_limit: 1MiB\n",
            "f:3:1: error: `http` is written twice"
        ),
        ("http: {listen: !!str a}", "f:1:16: error: the tag `!!str` is not taken"),
        ("- a", "f:1:1: error: expected a mapping of settings; found a list."),
        ("secret", "f:1:1: error: expected a mapping of settings; found one value."),
        ("log: {}\n---\nlog: {}", "f:2:1: error: a second document begins here"),
        ("? [a]\n: b", "f:1:3: error: a name must be text"),
        ("http:\n  listen: \"a\n", "f:3:1: error: the YAML is broken"),
        ("http: {listen: *x}", "f:1:16: error: "),
    ])
    func `refuses what is no plain YAML, at its place`(text: String, start: String) {
        let found = problems(text)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix(start) == true, "\(found)")
    }

    @Test func `refuses what is no text`() {
        let bytes = Array("log:\n  level: ".utf8) + [0xFF, 0x0A]
        #expect(
            SettingsFile(path: "f", bytes: bytes).problems.map(\.description) == [
                "f: error: expected text in UTF-8; found other bytes. Save it as UTF-8."
            ])
    }

    @Test func `may nest deeply without harm`() {
        let deep = String(repeating: "[", count: 10_000)
        #expect(problems("x: \(deep)").count == 1)
    }
}

@Suite struct `Reading a file from the disk` {
    @Test func `tells a missing one from one that cannot be read`() {
        #expect(FileText.read("/nonexistent/sagad.yaml") == .missing)
        #expect(FileText.read("/") == .unreadable("Is a directory"))
        #expect(FileText.read("/dev/zero") == .unreadable("a file of more than 256KiB"))
        #expect(FileText.read("/dev/null") == .bytes([]))
    }
}
