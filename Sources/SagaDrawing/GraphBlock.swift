/// A node as it is drawn, with the nodes inside it.
struct GraphBlock {
    let row: SagaGraph.Row
    private let lines: [(text: String, style: Drawing.TextStyle)]
    private let inner: [Branch]

    /// Nodes one under the other, with the name of their branch.
    private struct Branch {
        var name: String?
        var blocks: [GraphBlock]
    }

    private static let padding = 14.0
    private static let leastWidth = 180.0
    private static let branchGap = 24.0

    /// The distance between nodes inside a frame, with the labels of what leads on.
    static func gap(after row: SagaGraph.Row, least: Double) -> Double {
        let labels = Double(row.continuing.count) * Drawing.TextStyle.event.lineHeight
        return max(least, labels + 30)
    }

    init(_ row: SagaGraph.Row, isNested: Bool = false) {
        self.row = row
        var lines: [(text: String, style: Drawing.TextStyle)] = [
            (row.kind == .step ? row.name : row.headline, .title)
        ]
        if row.kind == .step { lines.append((row.headline, .plain)) }
        if let condition = row.condition { lines.append(("only when \(condition)", .detail)) }
        lines += row.details.map { ($0, .detail) }
        if isNested, row.kind == .step {
            lines += row.rejecting.map { ("↩ \($0)", .reject) }
            lines += row.takenBack.map { taken in
                ("taken back by \(taken.headline)\(taken.event.map { " ● \($0)" } ?? "")", .reject)
            }
        }
        self.lines = lines.map { (shortened($0.text), $0.style) }
        switch row.kind {
        case .step, .wait: inner = []
        case .parallel(let branches):
            inner = branches.map { branch in
                Branch(
                    name: branch.name, blocks: branch.rows.map { GraphBlock($0, isNested: true) })
            }
        case .each(let rows):
            inner = [Branch(name: nil, blocks: rows.map { GraphBlock($0, isNested: true) })]
        }
    }

    /// The block's width, in pixels.
    var width: Double {
        let text = lines.map { $0.style.width(of: $0.text) }.max() ?? 0
        let chip = row.isPivot ? 60.0 : 0
        let branches =
            inner.map { width(of: $0) }.reduce(0, +)
            + Double(max(0, inner.count - 1)) * Self.branchGap
        return max(Self.leastWidth, text + chip, branches) + 2 * Self.padding
    }

    /// The block's height, in pixels.
    var height: Double { headHeight + (inner.map { height(of: $0) }.max() ?? 0) }

    private var headHeight: Double {
        lines.map(\.style.lineHeight).reduce(0, +) + 2 * Self.padding - 4
    }

    private func width(of branch: Branch) -> Double {
        let labels = branch.blocks.flatMap { $0.row.continuing }
            .map { Drawing.TextStyle.event.width(of: $0) * 2 + 24 }
        return max(branch.blocks.map(\.width).max() ?? 0, labels.max() ?? 0)
    }

    private func height(of branch: Branch) -> Double {
        let name = branch.name == nil ? 0 : Drawing.TextStyle.detail.lineHeight
        let gaps = branch.blocks.map { Self.gap(after: $0.row, least: 34) }.reduce(0, +)
        return name + branch.blocks.map(\.height).reduce(0, +) + gaps
    }

    /// Draws the block with its upper left corner there.
    func draw(into drawing: inout Drawing, x: Double, y: Double) {
        let box = Drawing.Box(x: x, y: y, width: width, height: height)
        let (style, radius): (String, Double) =
            switch row.kind {
            case .step: (row.isPivot ? "pivot" : "step", 6)
            case .wait: ("wait", height / 2)
            case .parallel, .each: ("frame", 10)
            }
        drawing.box(box, style, radius: radius)
        var line = y + Self.padding - 6
        for (text, style) in lines {
            line += style.lineHeight
            let isMiddle = row.kind == .wait
            drawing.text(
                text,
                at: Drawing.Point(x: isMiddle ? box.middle : x + Self.padding, y: line - 2), style,
                anchor: isMiddle ? "middle" : "start")
        }
        if row.isPivot {
            drawing.text(
                "◆ PIVOT", at: Drawing.Point(x: box.right - Self.padding, y: y + 25), .chip,
                anchor: "end")
        }
        drawInner(into: &drawing, box)
    }

    private func drawInner(into drawing: inout Drawing, _ box: Drawing.Box) {
        let total =
            inner.map { width(of: $0) }.reduce(0, +)
            + Double(max(0, inner.count - 1)) * Self.branchGap
        var left = box.x + (box.width - total) / 2
        for branch in inner {
            let middle = left + width(of: branch) / 2
            var top = box.y + headHeight - 4
            if let name = branch.name {
                drawing.text(
                    name, at: Drawing.Point(x: middle, y: top + 8), .detail, anchor: "middle")
                top += Drawing.TextStyle.detail.lineHeight
            }
            draw(branch, into: &drawing, middle: middle, top: top)
            left += width(of: branch) + Self.branchGap
        }
    }

    private func draw(
        _ branch: Branch, into drawing: inout Drawing, middle: Double, top: Double
    ) {
        var top = top
        for (place, block) in branch.blocks.enumerated() {
            block.draw(into: &drawing, x: middle - block.width / 2, y: top)
            let bottom = top + block.height
            let gap = Self.gap(after: block.row, least: 34)
            let isLast = place == branch.blocks.count - 1
            drawing.path(
                [
                    .init(x: middle, y: bottom),
                    .init(x: middle, y: bottom + gap - (isLast ? 12 : 0)),
                ],
                "on", arrow: isLast ? nil : "ahead")
            for (number, label) in block.row.continuing.enumerated() {
                let y = bottom + 17 + Double(number) * Drawing.TextStyle.event.lineHeight
                drawing.text(label, at: .init(x: middle + 8, y: y), .event)
            }
            top = bottom + gap
        }
    }
}

/// A line short enough for a box.
func shortened(_ text: String) -> String {
    text.count > 60 ? text.prefix(59) + "…" : text
}
