import Foundation
import LoadClient
import SagaCore
import SagaTool
import Testing

@testable import OperatorTool

/// A loan that two people decide, and whose payout nobody serves.
private let loan = """
    saga: loan
    version: 3
    description: Two people decide, then it is paid out.
    aggregate: {type: loan, stream: LOANS}
    input:
      type: object
      required: [amount, clerk]
      properties: {amount: {type: number}, clerk: {type: string}}
    steps:
      - step: decide
        ask:
          title: Lend ${input.amount}?
          role: lenders
          not_by: ${input.clerk}
          quorum: 2
          form: {type: object, properties: {rate: {type: number}}, required: [rate]}
        timeout: 2h
        outcomes: {granted: {event: granted}, refused: {then: reject}, timeout: {then: reject}}
        compensate: none
      - step: payout
        command: cash.pay
        timeout: 50ms
        retry: none
        unknown: stuck
        outcomes: {paid: {event: paid}}
        compensate: {command: cash.take_back}
    finish: {completed: {event: lent}, compensated: {event: denied}}

    """

private func run(_ body: (Site) async throws -> Void) async throws {
    try await Site.run("operate", definitions: ["loan.yaml": loan], body)
}

@Suite(.serialized, .timeLimit(.minutes(5))) struct `Sagas from the command line` {
    @Test func `are started, asked about, decided, settled and followed to their end`() async throws
    {
        try await run { site in
            let start = await site.sagactl(
                "start", "loan", "--key", "l-1", "--input", #"{"amount": 900, "clerk": "eve"}"#)
            try #require(start.status == .fine, "\(start.problems)")
            #expect(start.output.hasPrefix("loan l-1: running  "))

            let again = await site.sagactl(
                "start", "loan", "--key", "l-1", "--input", #"{"amount": 900, "clerk": "eve"}"#)
            #expect(again.output == start.output)
            let other = await site.sagactl(
                "start", "loan", "--key", "l-1", "--input", #"{"amount": 1, "clerk": "eve"}"#)
            #expect(other.status == .findings)
            #expect(other.problems.hasPrefix("Error: The key is taken: "))

            let tasks = await site.sagactl("tasks", "--role", "lenders")
            #expect(tasks.output.hasPrefix("loan l-1, decide: Lend 900?\n"))
            #expect(tasks.output.contains("  not by   eve\n"))
            #expect(tasks.output.contains("  answers  2 needed\n"))
            #expect(tasks.output.contains(" decide granted|refused\n"))

            try await decide(site)
            try await settle(site)
            let watch = await site.sagactl("watch", "loan/l-1")
            #expect(watch.status == .findings)
            #expect(watch.output.hasSuffix("= settled\n"))
            #expect(watch.output.contains("● LOANS.lent\n"))
        }
    }

    private func decide(_ site: Site) async throws {
        let wrong = await site.sagactl(
            "outcome", "loan/l-1", "decide", "granted", "--data", #"{"rate": "low"}"#, "--by",
            "ada")
        #expect(wrong.status == .findings)
        #expect(wrong.problems.contains("  /data/rate: must be a number"))
        let clerk = await site.sagactl(
            "outcome", "loan/l-1", "decide", "granted", "--data", #"{"rate": 2}"#, "--by", "eve")
        #expect(clerk.status == .findings)
        #expect(clerk.problems.hasPrefix("Error: This person may not do that"))
        for who in ["ada", "ben"] {
            let done = await site.sagactl(
                "outcome", "loan/l-1", "decide", "granted", "--data", #"{"rate": 2}"#, "--by", who)
            #expect(done.status == .fine, "\(done.problems)")
        }
    }

    private func settle(_ site: Site) async throws {
        try await eventually(within: Site.patience, "nobody pays, so it is stuck") {
            await site.sagactl("list", "--status", "stuck", "--step", "payout").output
                .contains("loan  l-1  stuck")
        }
        let plan = await site.sagactl("plan", "loan/l-1")
        #expect(
            plan.output.hasSuffix(
                """

                Then taken back, in this order
                  1.  payout  cash.take_back  may be done  {"amount":900,"clerk":"eve"}

                End: compensated

                """), "\(plan.problems)\(plan.output)")
        let show = await site.sagactl("show", "loan/l-1")
        #expect(show.output.hasPrefix("loan l-1: stuck\n"))
        #expect(show.output.contains(" --step payout --reason WHY\n"))
        #expect(show.output.contains("→ cash.pay  (payout)\n"))
        #expect(show.output.contains("ben answers decide: granted\n"))
        try await checkDebt(site)
        let settled = await site.sagactl(
            "settle", "loan/l-1", "payout", "--outcome", "paid", "--reason", "in cash", "--by",
            "ada")
        #expect(settled.output.hasPrefix("loan l-1: settled  "), "\(settled.problems)")
        let debt = await site.sagactl("debt")
        #expect(debt.status == .fine)
        #expect(debt.output == "")
        #expect(debt.problems == "Nothing is owed.\n")
        try await checkRecording(site)
    }

    private func checkDebt(_ site: Site) async throws {
        let debt = await site.sagactl("debt")
        #expect(debt.status == .findings)
        let lines = debt.output.split(separator: "\n")
        try #require(lines.count == 2, "\(debt.problems)\(debt.output)")
        let words = lines[0].split(separator: " ").dropFirst()
        #expect(words.prefix(5) == ["stuck", "loan/l-1", "payout", "step", "900"])
        #expect(lines[1] == "Together 900")
        let json = await site.sagactl("debt", "--min-amount", "900.5", "--format", "json")
        #expect(json.output == "[]\n")
    }

    private func checkRecording(_ site: Site) async throws {
        let definition = "\(site.stage.path("sagas"))/loan.yaml"
        let record = await site.sagactl("record", "loan/l-1", "--definition", definition)
        try #require(record.status == .fine, "\(record.problems)")
        let file = "\(site.stage.path("sagas"))/loan.test.yaml"
        try Data(record.output.utf8).write(to: URL(filePath: file))
        let test = await sagactl(["test", file])
        #expect(test.status == .fine, "\(record.output)\(test.output)\(test.problems)")
        #expect(record.output.contains("loan l-1"), "\(record.output)")
    }

    @Test func `are cancelled, and refused what their state does not allow`() async throws {
        try await run { site in
            _ = await site.sagactl(
                "start", "loan", "--key", "l-2", "--input", #"{"amount": 5, "clerk": "eve"}"#)
            let cancel = await site.sagactl(
                "cancel", "loan/l-2", "--reason", "withdrawn", "--by", "ada")
            #expect(cancel.output.hasPrefix("loan l-2: compensated  "), "\(cancel.problems)")
            let again = await site.sagactl(
                "cancel", "loan/l-2", "--reason", "withdrawn", "--by", "ada")
            #expect(again.status == .findings)
            #expect(again.problems.hasPrefix("Error: "))
            let retry = await site.sagactl("retry", "loan/l-2", "--reason", "r", "--by", "ada")
            #expect(retry.status == .findings)
            #expect(retry.problems.contains("  /step: is required"))
            let nobody = await site.sagactl("show", "loan/l-9")
            #expect(nobody.status == .findings)
            #expect(nobody.problems.contains("`sagactl list --saga loan`"))
            let wait = await site.sagactl(
                "start", "loan", "--key", "l-2", "--input", #"{"amount": 5, "clerk": "eve"}"#,
                "--wait")
            #expect(wait.status == .findings)
            #expect(wait.output.hasSuffix("= compensated\n"))
            let list = await site.sagactl("list", "-q", "WITHDRAWN", "--format", "json")
            let page = try Value(json: Array(list.output.utf8))
            #expect(page["items"]?.elements?.count == 1)
        }
    }

    @Test func `show which definitions there are and which versions run`() async throws {
        try await run { site in
            _ = await site.sagactl("start", "loan", "--input", #"{"amount": 5, "clerk": "eve"}"#)
            let all = await site.sagactl("definitions")
            #expect(
                all.output == """
                    NAME  VERSION  STARTED BY          DESCRIPTION
                    loan  3        sagactl start loan  Two people decide, then it is paid out.

                    """)
            let one = await site.sagactl("definitions", "loan")
            #expect(
                one.output == """
                    loan: Two people decide, then it is paid out.
                      version 3  1 running  new sagas take it

                    """)
            let unknown = await site.sagactl("start", "lone")
            #expect(unknown.status == .findings)
            #expect(unknown.problems.contains("there is no definition 'lone': there is loan"))
        }
    }
}
