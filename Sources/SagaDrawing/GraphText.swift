// The graph for terminals.
extension SagaGraph {
    /// The graph as text.
    package var text: String {
        var text = "\(name), version \(version)" + (summary.map { ": \($0)" } ?? "") + "\n\n"
        text += "○ \(start.title)\(mark(start.event))\n"
        for row in rows { text += "│\n" + lines(of: row).map { "\($0)\n" }.joined() }
        text += "│\n◉ completed\(mark(completed.event))\n\n"
        return text + wayBack
    }

    private func mark(_ event: String?) -> String { event.map { " ● \($0)" } ?? "" }

    private func lines(of row: Row) -> [String] {
        var lines: [String] = []
        let pivot = row.isPivot ? "  ◆ pivot: no way back once it is done" : ""
        lines.append("▼ \(row.name)  \(row.headline)\(pivot)")
        if let condition = row.condition { lines.append("│   only when \(condition)") }
        lines += row.details.map { "│   \($0)" }
        switch row.kind {
        case .step, .wait: break
        case .parallel(let branches):
            for branch in branches {
                lines.append("│   ╞═ \(branch.name)")
                lines += nested(branch.rows)
            }
        case .each(let rows): lines += nested(rows)
        }
        lines += row.continuing.map { "├─ \($0)" }
        if row.kind == .step {
            lines += row.rejecting.map { "├─ \($0)  ↩ turns round" }
            if let unknown = row.unknown {
                let too = row.takenBack.isEmpty ? "" : ", and is taken back itself"
                lines.append("├─ \(unknown)  ↩ turns round\(too)")
            }
            lines += row.takenBack.map { "├─ taken back by \($0.headline)\(mark($0.event))" }
        }
        return lines
    }

    private func nested(_ rows: [Row]) -> [String] {
        rows.flatMap { lines(of: $0).map { "│   │ \($0)" } }
    }

    private var wayBack: String {
        let names = rows.reversed().flatMap { $0.takenBack.reversed().map(\.step) }
        let what =
            names.isEmpty
            ? "nothing to take back"
            : "takes back, as far as sent: " + names.joined(separator: ", ")
        return "↩ turned round: \(what)\n✕ compensated\(mark(compensated.event))\n"
    }
}

// The graph as Mermaid.
extension SagaGraph {
    /// The graph as a Mermaid flowchart, which code hosts draw.
    package var mermaid: String {
        var chart = MermaidChart()
        chart.add("flowchart TD")
        chart.add("  start([\(quoted([start.title] + events(start.event)))])")
        var back = chart.nodes(rows, into: "compensated", indent: "  ")
        chart.join("start", back.first)
        chart.add("  completed([\(quoted([completed.title] + events(completed.event)))])")
        chart.add("  compensated([\(quoted([compensated.title] + events(compensated.event)))])")
        chart.leave(back.last, to: "completed")
        back = (nil, nil)
        chart.add("  classDef pivot stroke:#b7791f,stroke-width:4px")
        chart.add("  classDef back fill:#fff5f5,stroke:#c53030,stroke-dasharray:4 3")
        return chart.text
    }

    private func events(_ event: String?) -> [String] { event.map { ["● \($0)"] } ?? [] }
}

/// A label as Mermaid takes it.
private func quoted(_ lines: [String]) -> String {
    let text = lines.joined(separator: "<br/>")
        .map { $0 == "\"" ? "#quot;" : String($0) }.joined()
    return "\"\(text)\""
}

/// A Mermaid chart in the making.
private struct MermaidChart {
    var text = ""
    private var pending: [(from: String, label: String)] = []

    mutating func add(_ line: String) { text += line + "\n" }

    mutating func join(_ from: String, _ to: String?) {
        if let to { add("  \(from) --> \(to)") }
    }

    mutating func leave(_ row: SagaGraph.Row?, to target: String) {
        guard let row else { return }
        let label = row.continuing.isEmpty ? "" : "|\(quoted(row.continuing))|"
        add("  \(id(row.name)) -->\(label) \(target)")
    }

    /// Draws rows one after the other, and what leads back from them.
    mutating func nodes(
        _ rows: [SagaGraph.Row], into end: String, indent: String
    ) -> (first: String?, last: SagaGraph.Row?) {
        var target = end
        var previous: SagaGraph.Row?
        for row in rows {
            draw(row, indent)
            if let previous { leave(previous, to: id(row.name)) }
            if !row.rejecting.isEmpty {
                add("\(indent)\(id(row.name)) -.->|\(quoted(row.rejecting))| \(target)")
            }
            let back = takeBack(row, before: target, indent)
            if let unknown = row.unknown {
                add("\(indent)\(id(row.name)) -.->|\(quoted([unknown]))| \(back ?? target)")
            }
            target = back ?? target
            previous = row
        }
        return (rows.first.map { id($0.name) }, previous)
    }

    private mutating func takeBack(
        _ row: SagaGraph.Row, before target: String, _ indent: String
    ) -> String? {
        guard !row.takenBack.isEmpty else { return nil }
        let back = "\(id(row.name))_back"
        let lines = row.takenBack.flatMap { taken in
            ["take back \(taken.step)", taken.headline] + (taken.event.map { ["● \($0)"] } ?? [])
        }
        add("\(indent)\(back)[\(quoted(lines))]:::back")
        add("\(indent)\(back) -.-> \(target)")
        return back
    }

    private mutating func draw(_ row: SagaGraph.Row, _ indent: String) {
        let lines =
            [row.name, row.headline] + (row.condition.map { ["when \($0)"] } ?? []) + row.details
        switch row.kind {
        case .step:
            add("\(indent)\(id(row.name))[\(quoted(lines))]\(row.isPivot ? ":::pivot" : "")")
        case .wait: add("\(indent)\(id(row.name))([\(quoted(lines))])")
        case .parallel(let branches):
            frame(row, lines, branches.map(\.rows), indent)
        case .each(let rows): frame(row, lines, [rows], indent)
        }
    }

    private mutating func frame(
        _ row: SagaGraph.Row, _ lines: [String], _ branches: [[SagaGraph.Row]], _ indent: String
    ) {
        add("\(indent)subgraph \(id(row.name))[\(quoted(lines))]")
        for rows in branches {
            var previous: SagaGraph.Row?
            for inner in rows {
                draw(inner, indent + "  ")
                if let previous { leave(previous, to: id(inner.name)) }
                previous = inner
            }
        }
        add("\(indent)end")
    }

    /// A name that Mermaid takes for one word, and not for one of its own.
    private func id(_ name: String) -> String {
        "n_" + name.map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined()
    }
}
