/// Shapes and texts on a sheet, from which an SVG file is made.
struct Drawing {
    /// The sheet's width, in pixels.
    var width = 0.0
    /// The sheet's height, in pixels.
    var height = 0.0
    private var shapes = ""

    /// A place on the sheet.
    struct Point: Equatable {
        var x: Double
        var y: Double
    }

    /// A rectangle on the sheet.
    struct Box: Equatable {
        var x: Double
        var y: Double
        var width: Double
        var height: Double

        var right: Double { x + width }
        var bottom: Double { y + height }
        var middle: Double { x + width / 2 }
        var centre: Double { y + height / 2 }
    }

    /// How a text is set.
    enum TextStyle: String {
        case title
        case plain
        case detail
        case event
        case reject
        case chip

        /// The size of its letters, in pixels.
        var size: Double {
            switch self {
            case .title: 15
            case .plain: 13
            case .detail, .event, .reject: 12
            case .chip: 11
            }
        }

        /// The distance from one line to the next, in pixels.
        var lineHeight: Double { size + 6 }

        /// About how wide a text is, in pixels; wide rather than narrow.
        func width(of text: String) -> Double {
            let letter = self == .title ? 0.72 : 0.6
            return text.reduce(0) { sum, character in
                let isNarrow = "iljtfr.,:;'|! ()[]".contains(character)
                let isWide = "mwMW●◆".contains(character)
                return sum + size * (isNarrow ? 0.36 : isWide ? 0.95 : letter)
            }
        }
    }

    mutating func box(_ box: Box, _ style: String, radius: Double = 6) {
        shapes += "<rect class=\"\(style)\" x=\"\(number(box.x))\" y=\"\(number(box.y))\""
        shapes += " width=\"\(number(box.width))\" height=\"\(number(box.height))\""
        shapes += " rx=\"\(number(radius))\"/>\n"
    }

    /// A line through these points, its corners rounded, with an arrow at its end.
    mutating func path(_ points: [Point], _ style: String, arrow: String? = nil) {
        guard let first = points.first, let last = points.last else { return }
        var data = "M\(number(first.x)) \(number(first.y))"
        for place in points.indices.dropFirst().dropLast() {
            let (before, corner, after) = (points[place - 1], points[place], points[place + 1])
            let start = point(from: corner, towards: before)
            let end = point(from: corner, towards: after)
            data += " L\(number(start.x)) \(number(start.y))"
            data += " Q\(number(corner.x)) \(number(corner.y))"
            data += " \(number(end.x)) \(number(end.y))"
        }
        data += " L\(number(last.x)) \(number(last.y))"
        let marker = arrow.map { " marker-end=\"url(#\($0))\"" } ?? ""
        shapes += "<path class=\"\(style)\" d=\"\(data)\"\(marker)/>\n"
    }

    mutating func text(
        _ text: String, at point: Point, _ style: TextStyle, anchor: String = "start"
    ) {
        shapes += "<text class=\"\(style.rawValue)\" x=\"\(number(point.x))\""
        shapes += " y=\"\(number(point.y))\" text-anchor=\"\(anchor)\">\(escaped(text))</text>\n"
    }

    mutating func dot(_ point: Point, _ style: String) {
        shapes += "<circle class=\"\(style)\" cx=\"\(number(point.x))\" cy=\"\(number(point.y))\""
        shapes += " r=\"3\"/>\n"
    }

    /// The sheet as an SVG document.
    func svg(title: String) -> String {
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(number(width)) \(number(height))" \
        width="\(number(width))" height="\(number(height))" role="img">
        <title>\(escaped(title))</title>
        \(Self.style)<rect width="100%" height="100%" fill="#ffffff"/>
        \(shapes)</svg>

        """
    }

    /// A corner's rounding begins 8 pixels away, or halfway where the next corner is near.
    private func point(from corner: Point, towards other: Point) -> Point {
        let (dx, dy) = (other.x - corner.x, other.y - corner.y)
        let length = max(abs(dx), abs(dy))
        guard length > 0 else { return corner }
        let share = min(8, length / 2) / length
        return Point(x: corner.x + dx * share, y: corner.y + dy * share)
    }

    private func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(Double(tenths) / 10)"
    }

    private static let style = """
        <style>
        text { font-family: "Helvetica Neue", Helvetica, Arial, "DejaVu Sans", sans-serif; }
        .title { font-size: 15px; font-weight: 600; fill: #1a202c; }
        .plain { font-size: 13px; fill: #2d3748; }
        .detail { font-size: 12px; fill: #718096; }
        .event { font-size: 12px; fill: #2b6cb0; }
        .reject { font-size: 12px; fill: #c53030; }
        .chip { font-size: 11px; font-weight: 600; fill: #975a16; }
        .step { fill: #f7fafc; stroke: #4a5568; stroke-width: 1.5; }
        .pivot { fill: #fffaf0; stroke: #b7791f; stroke-width: 3; }
        .frame { fill: #f0f7ff; stroke: #90b4d8; stroke-width: 1.2; }
        .wait { fill: #edf2f7; stroke: #718096; stroke-width: 1.2; }
        .begin { fill: #ebf8ff; stroke: #2b6cb0; stroke-width: 1.5; }
        .done { fill: #f0fff4; stroke: #2f855a; stroke-width: 1.5; }
        .undone { fill: #fff5f5; stroke: #c53030; stroke-width: 1.5; }
        .back { fill: #fff5f5; stroke: #e0a0a0; stroke-width: 1.2; }
        .on { fill: none; stroke: #2d3748; stroke-width: 1.6; }
        .skip { fill: none; stroke: #a0aec0; stroke-width: 1.3; stroke-dasharray: 5 4; }
        .turn { fill: none; stroke: #c53030; stroke-width: 1.4; stroke-dasharray: 6 3; }
        .return { fill: none; stroke: #c53030; stroke-width: 1.6; }
        .joint { fill: #c53030; }
        .divide { fill: none; stroke: #b7791f; stroke-width: 1.5; stroke-dasharray: 2 4; }
        </style>
        <defs>
        <marker id="ahead" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" \
        markerHeight="8" orient="auto"><path d="M0 1 L9 5 L0 9 z" fill="#2d3748"/></marker>
        <marker id="back" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" \
        markerHeight="8" orient="auto"><path d="M0 1 L9 5 L0 9 z" fill="#c53030"/></marker>
        </defs>

        """
}
