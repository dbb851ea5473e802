import SagaCore
import SagaRuntime
import Testing

@testable import Daemon

@Suite struct `The flags of republish` {
    private func problems(_ arguments: [String]) -> [String] {
        do {
            _ = try RepublishOptions.read(arguments)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    @Test func `are taken out from between the settings`() throws {
        let (options, rest) = try RepublishOptions.read([
            "--nats-url", "nats://h:1", "--from", "2026-11-26T08:00:00Z",
            "--to=2026-11-26T10:00:00+01:00", "--aggregate", "order/o/1", "--log-level=debug",
            "--stream", "ORDERS",
        ])
        #expect(rest == ["--nats-url", "nats://h:1", "--log-level=debug"])
        #expect(options.from == Instant("2026-11-26T08:00:00Z"))
        #expect(options.to == Instant("2026-11-26T09:00:00Z"))
        #expect(options.stream == "ORDERS")
        #expect(options.aggregate == ViewKey(collection: "order", id: "o/1"))
    }

    @Test func `end with now where nothing else is said`() throws {
        let (options, _) = try RepublishOptions.read(["--from", "2026-11-26T08:00:00Z"])
        let now = try #require(Instant("2026-11-27T00:00:00Z"))
        #expect(options.selection(at: now).to == now)
    }

    @Test(arguments: [
        ([], "--from: error: expected the time from which on events are sent again; found none"),
        (["--from"], "--from: error: expected a value behind the flag; found none"),
        (["--from", "--to"], "--from: error: expected a value behind the flag; found none"),
        (
            ["--from", "yesterday"],
            "--from: error: expected an RFC 3339 time such as 2026-11-26T08:00:00Z; found "
                + "`yesterday`"
        ),
        (
            ["--from", "2026-11-26T08:00:00Z", "--to", "2026-11-26T08:00:00Z"],
            "--to: error: expected a time after --from (2026-11-26T08:00:00Z); found "
                + "`2026-11-26T08:00:00Z`"
        ),
        (
            ["--from=2026-11-26T08:00:00Z", "--from=2026-11-26T08:00:00Z"],
            "--from: error: expected one value; found the flag twice"
        ),
        (
            ["--from=2026-11-26T08:00:00Z", "--aggregate", "o-1"],
            "--aggregate: error: expected an aggregate as TYPE/ID, such as order/o-1; found `o-1`"
        ),
    ])
    func `are refused with what was expected and found`(
        arguments: [String], expected: String
    ) throws {
        let problem = try #require(problems(arguments).first)
        #expect(problem.hasPrefix(expected), "\(problem)")
    }

    @Test func `are refused all at once`() {
        #expect(problems(["--from", "x", "--to", "y", "--aggregate", "z"]).count == 3)
    }
}
