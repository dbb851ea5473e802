// The graph as a picture: down on the left what is done, up on the right what takes it back.
extension SagaGraph {
    /// The graph as an SVG document.
    package var svg: String {
        var picture = GraphPicture(self)
        picture.draw()
        return picture.drawing.svg(title: "\(name), version \(version)")
    }
}

/// The picture in the making.
private struct GraphPicture {
    let graph: SagaGraph
    var drawing = Drawing()
    private var left: [Placed] = []
    private let laneWidth: Double
    private let channelWidth: Double
    private let leftWidth: Double
    private let hasSkips: Bool

    /// A row with the place of its block and of what takes it back.
    private struct Placed {
        var block: GraphBlock
        var box: Drawing.Box
        var back: Drawing.Box?
    }

    private static let margin = 28.0
    private static let gap = 58.0
    private static let endHeight = 48.0

    init(_ graph: SagaGraph) {
        self.graph = graph
        let blocks = graph.rows.map { GraphBlock($0) }
        let ends = [graph.start, graph.completed].map { Self.width(of: $0) }
        leftWidth = (blocks.map(\.width) + ends).max() ?? 0
        let back = graph.rows.flatMap(\.takenBack).flatMap { Self.lines(of: $0) }
        let texts = back.map { $0.style.width(of: $0.text) + 28 }
        laneWidth = max(texts.max() ?? 0, Self.width(of: graph.compensated), 150)
        let labels = graph.rows.flatMap { $0.rejecting + [$0.unknown ?? ""] }
        let widest = labels.map { Drawing.TextStyle.reject.width(of: shortened($0)) }.max() ?? 0
        channelWidth = widest + 56
        hasSkips = graph.rows.contains { $0.condition != nil }
        place(blocks)
    }

    private var leftEdge: Double { Self.margin + (hasSkips ? 30 : 0) }
    private var middle: Double { leftEdge + leftWidth / 2 }
    private var laneLeft: Double { leftEdge + leftWidth + channelWidth }
    private var laneMiddle: Double { laneLeft + laneWidth / 2 }
    private var top: Double { Self.margin + 34 }

    private static func width(of end: SagaGraph.Terminal) -> Double {
        let lines = [end.title, end.event.map { "● \($0)" } ?? ""]
        return (lines.map { Drawing.TextStyle.title.width(of: $0) }.max() ?? 0) + 48
    }

    private static func lines(
        of taken: SagaGraph.TakenBack
    ) -> [(text: String, style: Drawing.TextStyle)] {
        let event = taken.event.map { [("● \($0)", Drawing.TextStyle.event)] } ?? []
        return [("take back \(taken.step)", .plain), (taken.headline, .detail)] + event
    }

    /// The space under a row: the labels of what leads on, and the line after the pivot.
    private static func space(after row: SagaGraph.Row) -> Double {
        GraphBlock.gap(after: row, least: gap) + (row.isPivot ? 26 : 0)
    }

    private mutating func place(_ blocks: [GraphBlock]) {
        var y = top + Self.endHeight + Self.gap
        for block in blocks {
            let lines = block.row.takenBack.flatMap { Self.lines(of: $0) }
            let backHeight = lines.map(\.style.lineHeight).reduce(0, +) + 20
            let height = max(block.height, lines.isEmpty ? 0 : backHeight)
            let box = Drawing.Box(
                x: middle - block.width / 2, y: y + (height - block.height) / 2,
                width: block.width, height: block.height)
            var back: Drawing.Box?
            if !lines.isEmpty {
                back = Drawing.Box(
                    x: laneLeft, y: y + (height - backHeight) / 2, width: laneWidth,
                    height: backHeight)
            }
            left.append(Placed(block: block, box: box, back: back))
            y += height + Self.space(after: block.row)
        }
        drawing.height = y + Self.endHeight + Self.margin
        drawing.width = laneLeft + laneWidth + Self.margin
    }

    mutating func draw() {
        let title = graph.name + " v\(graph.version)"
        drawing.text(title, at: .init(x: Self.margin, y: Self.margin + 10), .title)
        if let summary = graph.summary {
            let x = Self.margin + Drawing.TextStyle.title.width(of: title) + 14
            let room = drawing.width - x - Self.margin
            let letters = Int(room / 6.2)
            let shown = summary.count > letters ? summary.prefix(letters) + "…" : summary
            drawing.text(shown, at: .init(x: x, y: Self.margin + 10), .detail)
        }
        drawForward()
        drawBack()
        for placed in left {
            placed.block.draw(into: &drawing, x: placed.box.x, y: placed.box.y)
            if let back = placed.back { draw(placed.block.row.takenBack, in: back) }
        }
    }

    // MARK: Down

    private mutating func drawForward() {
        let start = draw(graph.start, "begin", middle: middle, y: top)
        var from = start
        var labels: [String] = []
        for placed in left {
            connect(from, placed.box, labels)
            if placed.block.row.condition != nil { drawSkip(around: placed.box) }
            if placed.block.row.isPivot { divide(under: placed) }
            from = placed.box
            labels = placed.block.row.continuing
        }
        let y = drawing.height - Self.endHeight - Self.margin
        let end = draw(graph.completed, "done", middle: middle, y: y)
        connect(from, end, labels)
    }

    private mutating func connect(_ from: Drawing.Box, _ to: Drawing.Box, _ labels: [String]) {
        drawing.path(
            [.init(x: middle, y: from.bottom), .init(x: middle, y: to.y - 1)], "on", arrow: "ahead")
        for (number, label) in labels.enumerated() {
            let y = from.bottom + 20 + Double(number) * Drawing.TextStyle.event.lineHeight
            drawing.text(label, at: .init(x: middle + 10, y: y), .event)
        }
    }

    private mutating func drawSkip(around box: Drawing.Box) {
        let x = min(box.x, leftEdge + leftWidth / 2 - 60) - 22
        let (above, below) = (box.y - 22, box.bottom + 14)
        drawing.path(
            [
                .init(x: middle, y: above), .init(x: x, y: above), .init(x: x, y: below),
                .init(x: middle - 1, y: below),
            ], "skip", arrow: "ahead")
        drawing.text("otherwise", at: .init(x: x + 8, y: above - 5), .detail)
    }

    private mutating func divide(under placed: Placed) {
        let y = placed.box.bottom + Self.space(after: placed.block.row) - 24
        drawing.path(
            [.init(x: Self.margin, y: y), .init(x: laneLeft + laneWidth, y: y)], "divide")
        drawing.text(
            "no way back below this line", at: .init(x: laneLeft + laneWidth, y: y - 6), .chip,
            anchor: "end")
    }

    @discardableResult
    private mutating func draw(
        _ end: SagaGraph.Terminal, _ style: String, middle: Double, y: Double
    ) -> Drawing.Box {
        let width = Self.width(of: end)
        let box = Drawing.Box(
            x: middle - width / 2, y: y, width: width, height: Self.endHeight)
        drawing.box(box, style, radius: Self.endHeight / 2)
        let titleY = end.event == nil ? box.centre + 5 : y + 21
        drawing.text(end.title, at: .init(x: middle, y: titleY), .title, anchor: "middle")
        if let event = end.event {
            drawing.text("● \(event)", at: .init(x: middle, y: y + 38), .event, anchor: "middle")
        }
        return box
    }

    // MARK: Up

    private mutating func drawBack() {
        let end = draw(graph.compensated, "undone", middle: laneMiddle, y: top)
        var target = end.bottom
        for placed in left {
            let row = placed.block.row
            if !row.rejecting.isEmpty { turn(row.rejecting, from: placed, to: target) }
            if let back = placed.back {
                rise(from: back.y, to: target)
                target = back.bottom
            }
            if let unknown = row.unknown { drawUnknown(unknown, from: placed, to: target) }
        }
    }

    /// What is taken back leads up to what was done before it.
    private mutating func rise(from y: Double, to target: Double) {
        drawing.path(
            [.init(x: laneMiddle, y: y), .init(x: laneMiddle, y: target + 1)], "return",
            arrow: "back")
    }

    /// A rejection leaves the step's upper right, and joins the way up above its row.
    private mutating func turn(_ labels: [String], from placed: Placed, to target: Double) {
        let y = placed.box.y + min(24, placed.box.height / 3)
        let x = laneLeft - 22
        let joint = placed.box.y - 20
        drawing.path(
            [
                .init(x: placed.box.right, y: y), .init(x: x, y: y), .init(x: x, y: joint),
                .init(x: laneMiddle, y: joint),
            ], "turn")
        rise(from: joint, to: target)
        drawing.dot(.init(x: laneMiddle, y: joint), "joint")
        for (number, label) in labels.reversed().enumerated() {
            let line = y - 6 - Double(number) * (Drawing.TextStyle.reject.lineHeight - 3)
            drawing.text(shortened(label), at: .init(x: placed.box.right + 10, y: line), .reject)
        }
    }

    /// Where nobody knows, the step itself is taken back first.
    private mutating func drawUnknown(
        _ label: String, from placed: Placed, to target: Double
    ) {
        guard let back = placed.back else {
            let y = placed.box.y + placed.box.height * 0.72
            return turnDown(label, from: placed, y: y, to: target)
        }
        let y = min(max(placed.box.y + placed.box.height * 0.72, back.y + 12), back.bottom - 10)
        drawing.path(
            [.init(x: placed.box.right, y: y), .init(x: back.x - 1, y: y)], "turn", arrow: "back")
        drawing.text(label, at: .init(x: placed.box.right + 10, y: y - 6), .reject)
    }

    /// Without a compensation of its own it joins the way up beside its row.
    private mutating func turnDown(
        _ label: String, from placed: Placed, y: Double, to target: Double
    ) {
        drawing.path([.init(x: placed.box.right, y: y), .init(x: laneMiddle, y: y)], "turn")
        rise(from: y, to: target)
        drawing.dot(.init(x: laneMiddle, y: y), "joint")
        drawing.text(label, at: .init(x: placed.box.right + 10, y: y - 6), .reject)
    }

    private mutating func draw(_ taken: [SagaGraph.TakenBack], in box: Drawing.Box) {
        drawing.box(box, "back")
        var y = box.y + 7
        for (text, style) in taken.flatMap({ Self.lines(of: $0) }) {
            y += style.lineHeight
            drawing.text(text, at: .init(x: box.x + 14, y: y - 2), style)
        }
    }
}
