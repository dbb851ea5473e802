import Foundation
import SagaCore
import SagaLanguage
import Testing

@testable import SagaDrawing
@testable import SagaTool

/// A saga with a pivot in its middle and an optional step behind it.
private let shop = """
    saga: shop
    version: 2
    description: Reserve <goods> & pay, then ship.
    aggregate: {type: order, stream: ORDERS}
    steps:
      - step: stock
        command: stock.reserve
        outcomes: {reserved: {event: stockreserved}, sold_out: {then: reject}}
        compensate: {command: stock.release, event: stockreleased}
      - step: check
        when: "${input.amount > 100.0}"
        command: fraud.check
        retry: none
        compensate: none
      - step: capture
        command: payments.capture
        unknown: {probe: payments.status, every: 2s, for: 1m, otherwise: stuck}
        pivot: true
      - step: ship
        command: shipping.ship
    finish: {completed: {event: shipped}, compensated: {event: cancelled}}
    """

/// A step that the saga can do without.
private let optional = """
    saga: shop
    version: 1
    aggregate: {type: order, stream: ORDERS}
    steps:
      - step: charge
        command: payments.charge
        timeout: 10s
        retry: {attempts: 2}
        optional: true
        outcomes: {charged: {event: charged}, declined: {event: declined, then: reject}}
        compensate: {command: payments.refund}
    """

/// Steps that are asked in every way, before and after a pivot.
private let waits = """
    saga: shop
    version: 1
    steps:
      - step: review
        ask: {title: Is it fine?}
        timeout: 5d
        outcomes: {approved: {}, refused: {then: reject}, timeout: {then: reject}}
      - step: paid
        await: the money
        timeout: 1d
        compensate: none
      - step: book
        command: ledger.book
        unknown: {probe: ledger.status, every: 2s, for: 1m, otherwise: stuck}
        pivot: true
      - step: ship
        command: shipping.ship
        retry: {attempts: 3}
      - step: tell
        command: mails.send
    """

/// Branches, a list and a timer, as the core will take them.
private var nested: SagaDefinition {
    func step(_ name: String, _ subject: String, back: String? = nil) -> Node {
        Node(
            body: .step(
                Step(
                    name: name, subject: subject,
                    outcomes: [Outcome(name: "done"), Outcome(name: "refused", then: .reject)],
                    compensation: back.map { Compensation(subject: $0) })))
    }
    let parallel = Parallel(
        name: "parallel#1",
        branches: [
            .init(
                name: "travel",
                nodes: [
                    step("flight", "flights.book", back: "flights.cancel"),
                    step("car", "cars.rent", back: "cars.return"),
                ]),
            .init(name: "stay", nodes: [step("hotel", "hotels.book", back: "hotels.cancel")]),
        ])
    let each = Each(
        name: "each#1", list: .variable(.input), element: "guest",
        nodes: [step("invite", "mails.invite")])
    return SagaDefinition(
        name: "trip", version: 1, summary: "Book a trip.",
        nodes: [
            step("payment", "payments.debit", back: "payments.void"),
            Node(body: .parallel(parallel)),
            Node(body: .wait(Wait(name: "wait#1", end: .after(.seconds(7200))))),
            Node(body: .each(each)),
        ])
}

private func graphOf(_ text: String) throws -> SagaGraph {
    let directory = try TemporaryDirectory([("shop.yaml", text)])
    let loaded = DefinitionDirectory.load(files: ["\(directory.path)/shop.yaml"])
    #expect(loaded.diagnostics.rendered == "")
    return SagaGraph(try #require(loaded.definitions.first))
}

@Suite struct `A graph` {
    @Test func `has a row for each node, with what leads on and back`() throws {
        let rows = try graphOf(shop).rows
        #expect(rows.map(\.name) == ["stock", "check", "capture", "ship"])
        #expect(rows[0].continuing == ["reserved ● stockreserved"])
        #expect(rows[0].rejecting == ["sold_out", "final error"])
        #expect(rows[0].unknown == "no answer")
        #expect(
            rows[0].takenBack == [
                .init(step: "stock", headline: "stock.release", event: "stockreleased")
            ])
        #expect(rows[1].condition == "input.amount > 100.0")
        #expect(rows[2].isPivot)
        #expect(rows[2].unknown == nil)
        #expect(rows[2].details.contains("no answer: an operator decides"))
        #expect(rows[3].rejecting == [])
        #expect(
            rows[3].details == ["30s, tried until it is done", "final error: an operator decides"])
    }

    @Test func `says how an optional step is gone on without`() throws {
        let row = try graphOf(optional).rows[0]
        #expect(
            row.continuing == [
                "charged ● charged", "declined ● declined, and goes on without it",
                "final error, and goes on without it", "no answer, and goes on without it",
            ])
        #expect(row.rejecting == [])
        #expect(row.unknown == nil)
        #expect(row.details == ["10s, 2 attempts", "optional: the saga goes on without it"])
    }

    @Test func `says who is silent, and who decides then`() throws {
        let rows = try graphOf(waits).rows
        #expect(rows.map(\.name) == ["review", "paid", "book", "ship", "tell"])
        #expect(rows.map(\.unknown) == [nil, "no answer", nil, nil, nil])
        #expect(rows[0].rejecting == ["refused", "timeout"])
        #expect(rows[1].rejecting == [])
        #expect(rows[2].rejecting == ["final error"])
        #expect(
            rows.map(\.details) == [
                ["5d"], ["1d"],
                [
                    "30s, 5 attempts", "then asks ledger.status every 2s for 1m",
                    "no answer: an operator decides",
                ],
                ["30s, 3 attempts", "no answer or final error: an operator decides"],
                ["30s, tried until it is done", "final error: an operator decides"],
            ])
    }

    @Test func `is text for terminals`() throws {
        let text = try graphOf(shop).text
        #expect(text.hasPrefix("shop, version 2: Reserve <goods> & pay, then ship.\n\n○ start\n"))
        #expect(text.contains("▼ stock  stock.reserve\n"))
        #expect(text.contains("├─ sold_out  ↩ turns round\n"))
        #expect(text.contains("│   only when input.amount > 100.0\n"))
        #expect(text.contains("▼ capture  payments.capture  ◆ pivot: no way back once it is done"))
        #expect(text.contains("↩ turned round: takes back, as far as sent: stock\n"))
        #expect(text.hasSuffix("✕ compensated ● cancelled\n"))
    }

    @Test func `is a Mermaid flowchart`() throws {
        let text = try graphOf(shop).mermaid
        #expect(text.hasPrefix("flowchart TD\n"))
        #expect(text.contains("  n_stock -->|\"reserved ● stockreserved\"| n_check\n"))
        #expect(text.contains("  n_stock -.->|\"sold_out<br/>final error\"| compensated\n"))
        #expect(text.contains("  n_check -.->|\"final error\"| n_stock_back\n"))
        #expect(text.contains("  n_stock_back -.-> compensated\n"))
        #expect(text.contains("]:::pivot\n"))
    }

    @Test func `is a well-formed picture`() throws {
        let svg = try graphOf(shop).svg
        #expect(svg.contains("Reserve &lt;goods&gt; &amp; pay"))
        #expect(svg.contains("◆ PIVOT"))
        #expect(svg.contains("no way back below this line"))
        #expect(svg.contains(">otherwise</text>"))
        #expect(XMLNesting.isBalanced(svg))
    }

    @Test func `draws branches side by side, and what they take back together`() throws {
        let graph = SagaGraph(nested)
        #expect(graph.rows[1].takenBack.map(\.step) == ["flight", "car", "hotel"])
        let svg = graph.svg
        for name in ["flight", "car", "hotel", "travel", "stay", "invite", "waits 2h"] {
            #expect(svg.contains(">\(name)</text>"), "\(name)")
        }
        #expect(svg.contains(">take back hotel</text>"))
        #expect(XMLNesting.isBalanced(svg))
        #expect(graph.mermaid.contains("subgraph n_parallel_1"))
        #expect(graph.text.contains("│   ╞═ travel\n"))
        if let folder = ProcessInfo.processInfo.environment["SAGACTL_PICTURES"] {
            try svg.write(toFile: "\(folder)/nested.svg", atomically: true, encoding: .utf8)
            try graphOf(shop).write(to: "\(folder)/shop.svg")
        }
    }

    @Test func `is asked for by format`() throws {
        let order = project.appendingPathComponent("sagas/order.yaml").path
        #expect(Sagactl.report(for: ["graph", order]).output.hasPrefix("order, version 1"))
        let svg = Sagactl.report(for: ["graph", order, "--format", "svg"])
        #expect(svg.output.hasPrefix("<svg "))
        #expect(Sagactl.report(for: ["graph", order, "--format", "png"]).status == .wrongUsage)
        #expect(Sagactl.report(for: ["graph", "/nowhere.yaml"]).status == .findings)
    }
}

extension SagaGraph {
    fileprivate func write(to file: String) throws {
        try svg.write(toFile: file, atomically: true, encoding: .utf8)
    }
}

/// Whether every element of an XML text that opens is closed.
enum XMLNesting {
    static func isBalanced(_ xml: String) -> Bool {
        var open: [Substring] = []
        for match in xml.matches(of: #/<(/?)([a-z]+)[^>]*?(/?)>/#) {
            if match.1 == "/" {
                guard open.popLast() == match.2 else { return false }
            } else if match.3 != "/" {
                open.append(match.2)
            }
        }
        return open.isEmpty
    }
}
