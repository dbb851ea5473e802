import LoadClient
import SagaCore
import SagaTool
import Testing

@testable import OperatorTool

@Suite struct `The program` {
    @Test func `still has what works on files alone`() async {
        let run = await sagactl(["explain", "unknown-key"])
        #expect(run.status == .fine)
        #expect(run.output.contains("unknown-key"))
    }

    @Test func `tells in its help what there is for whom`() async {
        let run = await sagactl(["--help"])
        #expect(run.status == .fine)
        for word in [
            "AUTHOR SUBCOMMANDS", "OPERATOR SUBCOMMANDS", "validate", "start", "settle", "play",
        ] {
            #expect(run.output.contains(word), "\(word)")
        }
    }

    @Test(arguments: [
        ["cancel", "x"], ["start"], ["settle", "x", "pay", "--reason", "r"],
        ["settle", "x", "pay", "--compensated", "--outcome", "paid", "--reason", "r"],
        ["list", "--format", "xml"], ["play"], ["dance"],
        ["list", "--server", "localhost:3000"],
        ["start", "order", "--input", "{nope"],
        ["start", "order", "--input", "/nowhere.json"],
    ])
    func `refuses wrong usage with 2`(arguments: [String]) async {
        let run = await sagactl(arguments)
        #expect(run.status == .wrongUsage)
        #expect(run.output == "")
        #expect(run.problems.hasPrefix("Error: "))
    }

    @Test func `ends with 3 where the server does not answer, and says what to do`() async throws {
        let server = "http://127.0.0.1:\(try Ports.free())"
        let clock = ContinuousClock()
        let began = clock.now
        let run = await sagactl(["list", "--server", server])
        // Nobody listens: there is nothing to wait for.
        #expect(clock.now - began < .seconds(30))
        #expect(run.status == .unreachable)
        #expect(run.problems.hasPrefix("Error: \(server) does not answer: "))
        #expect(run.problems.contains("--server or SAGACTL_SERVER"))
    }

    @Test func `makes completions for shells`() async {
        let run = await sagactl(["--generate-completion-script", "bash"])
        #expect(run.status == .fine)
        #expect(run.output.contains("complete"))
    }
}

@Suite struct `Server-sent events` {
    @Test func `are read whole, however they come`() {
        let text = """
            : hello

            event: journal
            id: 3
            data: {"a":
            data: 1}

            data: x


            """
        let events = [
            ServerEvent(name: "journal", id: "3", data: "{\"a\":\n1}"),
            ServerEvent(name: "message", id: nil, data: "x"),
        ]
        var reader = ServerEventReader()
        #expect(reader.read(text.utf8) == events)
        var bytewise = ServerEventReader()
        #expect(text.utf8.flatMap { bytewise.read([$0]) } == events)
        var windows = ServerEventReader()
        #expect(windows.read(text.replacing("\n", with: "\r\n").utf8) == events)
    }
}

@Suite struct `A problem document` {
    @Test func `is shown with each thing that is wrong`() {
        let problem = ServerProblem.refused(
            status: 422,
            [
                "title": "The body is not what is expected", "detail": "both",
                "errors": [
                    ["pointer": "/data/limit", "message": "must be at most 5, is 9"],
                    ["pointer": "", "message": "must be an object"],
                ],
            ])
        #expect(
            problem.message == """
                Error: The body is not what is expected
                  /data/limit: must be at most 5, is 9
                  the body: must be an object
                """)
        #expect(problem.status == .findings)
    }

    @Test func `is shown with its detail and whom it is about`() {
        let problem = ServerProblem.refused(
            status: 409,
            [
                "title": "The key is taken", "detail": "a saga has the key 'o-1' already",
                "saga_id": "5d0f",
            ])
        #expect(
            problem.message == """
                Error: The key is taken: a saga has the key 'o-1' already
                  it is saga 5d0f
                """)
    }
}

@Suite struct `A saga for people` {
    private static let payment: Value = [
        "state": "completed", "outcome": "debited", "result": ["payment_id": "p-1"], "attempt": 2,
        "compensation": "stuck", "stuck": "no attempts left",
    ]
    private static let review: Value = [
        "state": "running", "outcome": nil, "result": nil, "attempt": 1,
    ]
    private static let document: Value = [
        "id": "5d0f", "saga": "order", "version": 1, "key": "o-1", "status": "stuck",
        "steps": .map(Members([("payment", payment), ("review", review)])),
        "open": [
            [
                "command_id": "c71a", "step": "review", "kind": "command", "attempt": 1,
                "sent_at": "2026-01-02T03:04:05Z", "due_at": "2026-01-03T03:04:05Z",
            ]
        ],
        "waits": [
            [
                "step": "agree", "kind": "ask", "title": "Open?",
                "since": "2026-01-02T03:04:06Z", "due_at": nil,
            ]
        ],
        "failure": ["step": "review", "reason": "review: rejected"],
        "started_at": "2026-01-02T03:04:05.123Z", "ended_at": nil,
    ]

    @Test func `tells its steps, what is open, and what can be done`() {
        let text = SagaText(Self.document).text
        #expect(
            text == """
                order o-1: stuck
                  id       5d0f
                  version  1
                  started  2026-01-02 03:04:05
                  failure  review: rejected

                Steps
                  payment  completed  debited  attempt 2; compensation stuck; no attempts left; {"payment_id":"p-1"}
                  review   running

                Open
                  review  command                  attempt 1, sent 2026-01-02 03:04:05  until 2026-01-03 03:04:05
                  agree   a person decides: Open?  since 2026-01-02 03:04:06

                It can be
                  decided      sagactl outcome 5d0f agree OUTCOME
                  tried again  sagactl retry 5d0f --step payment --reason WHY
                  settled      sagactl settle 5d0f payment --compensated --reason WHY

                """)
    }

    @Test func `tells its journal with what each reply answers`() throws {
        func row(_ text: String) throws -> Value { try Value(json: Array(text.utf8)) }
        let rows = [
            try row(
                #"{"version":1,"at":"2026-01-02T03:04:05.123456Z","input":{"kind":"start"},"entries":[{"kind":"started"},{"kind":"event_raised","type":"ORDERS.created"},{"kind":"command_opened","step":"payment","command":"command","subject":"payments.debit","command_id":"c1","attempt":1}]}"#
            ),
            try row(
                #"{"version":2,"at":"2026-01-02T03:04:06Z","input":{"kind":"reply","command_id":"c1","attempt":1,"body":{"error":{"code":"busy","message":"","retriable":true}}},"entries":[{"kind":"attempt_failed","step":"payment","command_id":"c1","attempt":1,"reason":"busy"},{"kind":"something_new","of":1}]}"#
            ),
        ]
        #expect(
            JournalText.text(rows) == """

                Journal
                   1  03:04:05.123  ← start
                                    ● ORDERS.created
                                    → payments.debit  (payment)
                   2  03:04:06.000  ← payment: error busy (may pass)
                                      payment, attempt 1: busy
                                      {"kind":"something_new","of":1}

                """)
    }
}
