import Foundation
import Logging
import Testing

@testable import Daemon

/// A pipe whose reading end a test empties.
private struct TestPipe: ~Copyable {
    let reader: Int32
    let output: LogOutput
    private let writer: Int32

    init(isNonblocking: Bool = false) {
        var ends: [Int32] = [0, 0]
        pipe(&ends)
        if isNonblocking { _ = fcntl(ends[1], F_SETFL, O_NONBLOCK) }
        reader = ends[0]
        writer = ends[1]
        output = LogOutput(descriptor: writer)
    }

    deinit {
        close(reader)
        close(writer)
    }

    /// What one read gives.
    func read(upTo count: Int = 1 << 20) -> String {
        var buffer = [UInt8](repeating: 0, count: count)
        let got = Foundation.read(reader, &buffer, count)
        return String(decoding: buffer[..<max(0, got)], as: UTF8.self)
    }
}

private func line(_ format: LogFormat, _ body: (Logger) -> Void) -> String {
    let pipe = TestPipe()
    let output = pipe.output
    let logger = Logger(label: "sagad.store") { label in
        LineLogHandler(
            label: label, format: format, level: .debug, output: output,
            now: { LogTime.since1970(seconds: 1_767_323_045, nanoseconds: 67_891_234) })
    }
    body(logger)
    return pipe.read()
}

@Suite struct `A log line for people` {
    @Test func `has time, level, message and sorted metadata`() {
        let text = line(.text) { logger in
            logger.warning("no answer", metadata: ["tries": "3", "host": "db 1", "a": "x=y"])
        }
        #expect(
            text == "2026-01-02T03:04:05.067Z warning  no answer a=\"x=y\" host=\"db 1\" tries=3\n")
    }

    @Test func `stays one line and cannot steer a terminal`() {
        let text = line(.text) { logger in
            logger.info("one\ntwo\u{1B}[2J", metadata: ["k": "a\nb\u{9B}"])
        }
        #expect(text.hasSuffix("info     one\\ntwo\\u001b[2J k=\"a\\nb\\u009b\"\n"))
    }
}

@Suite struct `A log line for programs` {
    @Test func `is one JSON object with the metadata as members`() throws {
        let text = line(.json) { logger in
            var logger = logger
            logger[metadataKey: "saga_id"] = "s-1"
            logger.error(
                "say \"hi\"\n\u{7F}",
                metadata: [
                    "count": .stringConvertible(3), "ok": .stringConvertible(true),
                    "list": ["a", ["b": "c"]], "time": "late", "host": "\\é",
                ])
        }
        #expect(
            text == #"{"time":"2026-01-02T03:04:05.067Z","level":"error","logger":"sagad.store","#
                + #""message":"say \"hi\"\n\u007f","count":3,"host":"\\é","#
                + #""list":["a",{"b":"c"}],"ok":true,"saga_id":"s-1","metadata.time":"late"}"#
                + "\n")
        let parsed = try #require(
            try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(parsed["message"] as? String == "say \"hi\"\n\u{7F}")
    }

    @Test func `carries an error, and nothing below the level`() {
        struct Broken: Error {}
        let text = line(.json) { logger in
            logger.trace("not this")
            logger.info("this", error: Broken())
        }
        #expect(text.hasSuffix(#""message":"this","error":"Broken()"}"# + "\n"))
    }
}

@Suite struct `The output of a log` {
    @Test func `gets each line whole from many writers`() async {
        let pipe = TestPipe()
        let output = pipe.output
        let length = 40
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    for _ in 0..<50 {
                        output.write(String(repeating: "\(writer)", count: length)) { _ in "lost" }
                    }
                }
            }
        }
        let lines = pipe.read().split(separator: "\n")
        #expect(lines.count == 400)
        #expect(lines.allSatisfy { $0.count == length && Set($0).count == 1 })
    }

    @Test func `gets a line no longer than the bound, cut between characters`() {
        let pipe = TestPipe()
        pipe.output.write(String(repeating: "é", count: LogOutput.lineLimit)) { _ in "lost" }
        let line = pipe.read()
        #expect(line.utf8.count <= LogOutput.lineLimit)
        #expect(line.utf8.count > LogOutput.lineLimit - 4)
        #expect(line.hasSuffix("é…\n"))
        #expect(!line.contains("\u{FFFD}"))
    }

    @Test func `says how many lines a slow reader missed`() {
        let pipe = TestPipe(isNonblocking: true)
        let big = String(repeating: "x", count: 4095)
        for _ in 0..<18 { pipe.output.write(big) { "never \($0)" } }
        #expect(pipe.read().utf8.count == 16 * 4096)
        pipe.output.write("next") { "\($0) were lost" }
        pipe.output.write("last") { "\($0) were lost" }
        #expect(pipe.read() == "2 were lost\nnext\nlast\n")
    }

    @Test func `begins a new line after one that broke off`() {
        let pipe = TestPipe(isNonblocking: true)
        let big = String(repeating: "x", count: 9999)
        for _ in 0..<7 { pipe.output.write(big) { "never \($0)" } }
        let first = pipe.read()
        #expect(!first.hasSuffix("\n"))
        pipe.output.write("next") { "\($0) was lost" }
        #expect(pipe.read() == "\n1 was lost\nnext\n")
    }

    @Test func `is text on a terminal and JSON elsewhere`() {
        #expect(LogFormat.standard(isTerminal: true) == .text)
        #expect(LogFormat.standard(isTerminal: false) == .json)
    }
}
