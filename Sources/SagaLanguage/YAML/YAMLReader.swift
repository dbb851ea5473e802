/// Reads one YAML document into nodes.
///
/// What libyaml lets pass and a definition must not hold is refused here: several documents,
/// duplicate names, names that are not text, tags, aliases beyond their bounds, deep nesting.
package struct YAMLReader: ~Copyable {
    /// The most bytes a file may have.
    package static let byteLimit = 1_048_576
    /// How many lists and mappings may stand inside one another.
    package static let depthLimit = 64
    /// The most nodes that all aliases together may stand for.
    package static let aliasNodeLimit = 10_000
    /// The most characters a name may have; canonical text must keep it on one line for libyaml.
    package static let nameLimit = 128

    private let source: SourceText
    private var events: YAMLEvents
    private var diagnostics: DiagnosticList
    private var anchors: [String: Anchored] = [:]
    private var aliasCost = NodeCost()

    private struct Anchored {
        var node: YAMLNode
        var cost: NodeCost
    }

    /// The document of a text, or nil where it has none that can be read, and what is wrong.
    package static func read(
        _ source: SourceText
    ) -> (document: YAMLNode?, diagnostics: [Diagnostic]) {
        var list = DiagnosticList(source)
        let size = source.text.utf8.count
        guard size <= byteLimit else {
            list.error(
                .tooLarge, at: YAMLSpan(YAMLMark(line: 1, column: 1), length: 1),
                "the file has \(size) bytes; at most \(byteLimit) (1 MiB) are read")
            return (nil, list.sorted)
        }
        guard let events = YAMLEvents(source) else {
            preconditionFailure("libyaml had no memory for a parser.")
        }
        var reader = YAMLReader(source: source, events: events, diagnostics: list)
        let document = reader.readStream()
        return (document, reader.diagnostics.sorted)
    }

    private init(source: SourceText, events: consuming YAMLEvents, diagnostics: DiagnosticList) {
        self.source = source
        self.events = events
        self.diagnostics = diagnostics
    }

    private mutating func readStream() -> YAMLNode? {
        do {
            _ = try next()
            let first = try next()
            guard case .documentStart = first.kind else {
                diagnostics.error(
                    .emptyFile, at: YAMLSpan(YAMLMark(line: 1, column: 1), length: 1),
                    "the file holds no document",
                    fix: "begin with `saga: NAME` and `version: 1`")
                return nil
            }
            let document = try readNode(try next(), depth: 0)
            _ = try next()
            let after = try next()
            if case .documentStart = after.kind {
                diagnostics.error(
                    .severalDocuments, at: YAMLSpan(after.span.start, length: 3),
                    "a second document begins here; a file holds one",
                    fix: "put it into a file of its own")
                return nil
            }
            return document
        } catch {
            return nil
        }
    }

    /// Thrown after the diagnostic is recorded.
    private struct Stop: Error {}

    private mutating func next() throws(Stop) -> YAMLEvent {
        do throws(YAMLProblem) {
            return try events.next()
        } catch {
            diagnostics.add(syntaxDiagnostic(error, in: source))
            throw Stop()
        }
    }

    private mutating func readNode(_ event: YAMLEvent, depth: Int) throws(Stop) -> YAMLNode {
        switch event.kind {
        case .alias(let name): return try resolve(name, at: event.span, depth: depth)
        case .scalar(let scalar, let properties):
            let node = YAMLNode(.scalar(scalar), at: event.span)
            finish(node, properties)
            return node
        case .sequenceStart(let properties):
            return try readSequence(event, properties, depth: depth + 1)
        case .mappingStart(let properties):
            return try readMapping(event, properties, depth: depth + 1)
        case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
            preconditionFailure("libyaml ended a collection that it did not begin.")
        }
    }

    private mutating func readSequence(
        _ event: YAMLEvent, _ properties: YAMLEvent.Properties, depth: Int
    ) throws(Stop) -> YAMLNode {
        try enter(depth, at: event.span)
        var elements: [YAMLNode] = []
        while true {
            let element = try next()
            if case .sequenceEnd = element.kind {
                let span = YAMLSpan(event.span.start, element.span.end)
                let node = YAMLNode(.sequence(elements), at: span)
                finish(node, properties)
                return node
            }
            elements.append(try readNode(element, depth: depth))
        }
    }

    private mutating func readMapping(
        _ event: YAMLEvent, _ properties: YAMLEvent.Properties, depth: Int
    ) throws(Stop) -> YAMLNode {
        try enter(depth, at: event.span)
        var members: [YAMLMember] = []
        var places: [String: YAMLMark] = [:]
        while true {
            let key = try next()
            if case .mappingEnd = key.kind {
                let span = YAMLSpan(event.span.start, key.span.end)
                let node = YAMLNode(.mapping(members), at: span)
                finish(node, properties)
                return node
            }
            let keyNode = try readNode(key, depth: depth)
            let value = try readNode(try next(), depth: depth)
            guard let name = name(of: keyNode, isAlias: key.isAlias) else { continue }
            if let first = places.updateValue(keyNode.span.start, forKey: name) {
                places[name] = first
                reportDuplicate(name, at: keyNode.span, first: first)
            } else {
                members.append(YAMLMember(name: name, nameSpan: keyNode.span, value: value))
            }
        }
    }

    private mutating func enter(_ depth: Int, at span: YAMLSpan) throws(Stop) {
        guard depth > Self.depthLimit else { return }
        diagnostics.error(
            .tooDeep, at: YAMLSpan(span.start, length: 1),
            "lists and mappings stand more than \(Self.depthLimit) deep inside one another")
        throw Stop()
    }
}

// What stands before a node, and what stands for one.
extension YAMLReader {
    private mutating func finish(_ node: YAMLNode, _ properties: YAMLEvent.Properties) {
        if let tag = properties.tag {
            diagnostics.error(
                .tag, at: node.span, "the tag `\(shownTag(tag))` is not taken",
                fix: "leave it out; put text that looks like a number into quotes")
        }
        if let anchor = properties.anchor {
            anchors[anchor] = Anchored(node: node, cost: NodeCost(of: node))
        }
    }

    private mutating func resolve(
        _ name: String, at span: YAMLSpan, depth: Int
    ) throws(Stop) -> YAMLNode {
        guard let anchored = anchors[name] else {
            diagnostics.error(
                .alias, at: span, "no anchor `&\(name)` ends before this alias",
                fix: "write the value here")
            throw Stop()
        }
        aliasCost.add(anchored.cost)
        let isDeep = depth + anchored.cost.height > Self.depthLimit
        guard !isDeep, aliasCost.nodes <= Self.aliasNodeLimit, aliasCost.bytes <= Self.byteLimit
        else {
            diagnostics.error(
                .alias, at: span,
                isDeep
                    ? "this alias nests lists and mappings more than \(Self.depthLimit) deep"
                    : "the aliases up to here stand for more than \(Self.aliasNodeLimit) nodes"
                        + " or 1 MiB of text",
                fix: "write the values out")
            throw Stop()
        }
        return anchored.node
    }

    private mutating func name(of key: YAMLNode, isAlias: Bool) -> String? {
        guard !isAlias, let scalar = key.scalar, !scalar.text.isEmpty else {
            let found = isAlias ? "an alias" : key.scalar == nil ? key.phrase : "empty"
            diagnostics.error(
                .keyNotText, at: key.span, "a name must be text, is \(found)",
                fix: "write a name before the `:`")
            return nil
        }
        guard scalar.text.unicodeScalars.count <= Self.nameLimit else {
            diagnostics.error(
                .keyNotText, at: key.span,
                "a name has at most \(Self.nameLimit) characters, this one has"
                    + " \(scalar.text.unicodeScalars.count)")
            return nil
        }
        return scalar.text
    }

    private mutating func reportDuplicate(_ name: String, at span: YAMLSpan, first: YAMLMark) {
        let isMerge = name == "<<"
        diagnostics.error(
            .duplicateKey, at: span,
            "`\(shortened(name))` is written twice here; first at"
                + " \(first.line):\(first.column)",
            fix: isMerge ? "write the members out" : "keep one of them")
    }
}

/// A tag as it is written.
private func shownTag(_ tag: String) -> String {
    let prefix = "tag:yaml.org,2002:"
    return shortened(tag.hasPrefix(prefix) ? "!!" + tag.dropFirst(prefix.count) : tag)
}

extension YAMLEvent {
    fileprivate var isAlias: Bool {
        guard case .alias = kind else { return false }
        return true
    }
}

/// How much a node is once written out.
private struct NodeCost {
    var nodes = 0
    var bytes = 0
    var height = 0

    init() {}

    init(of node: YAMLNode) {
        nodes = 1
        switch node.content {
        case .scalar(let scalar): bytes = scalar.text.utf8.count
        case .sequence(let elements):
            for element in elements { include(NodeCost(of: element)) }
            height += 1
        case .mapping(let members):
            for member in members {
                include(NodeCost(of: member.value))
                nodes += 1
                bytes += member.name.utf8.count
            }
            height += 1
        }
    }

    mutating func add(_ other: NodeCost) {
        nodes += other.nodes
        bytes += other.bytes
    }

    private mutating func include(_ other: NodeCost) {
        add(other)
        height = max(height, other.height)
    }
}
