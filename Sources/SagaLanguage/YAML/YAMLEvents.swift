internal import Cyaml

/// One event of libyaml's parser.
struct YAMLEvent {
    var kind: Kind
    var span: YAMLSpan

    enum Kind {
        case streamStart
        case streamEnd
        case documentStart
        case documentEnd
        case alias(String)
        case scalar(YAMLScalar, Properties)
        case sequenceStart(Properties)
        case sequenceEnd
        case mappingStart(Properties)
        case mappingEnd
    }

    /// What may be written before a node.
    struct Properties {
        var anchor: String?
        var tag: String?
    }
}

/// Why libyaml could not go on.
struct YAMLProblem: Error {
    /// What was being read, such as `while parsing a flow sequence`; may be empty.
    var context: String
    /// Where that began.
    var contextMark: YAMLMark?
    /// What is wrong.
    var problem: String
    /// Where.
    var mark: YAMLMark
}

/// The events of one text, in order. Owns libyaml's parser and the bytes that it reads.
struct YAMLEvents: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let bytes: UnsafeMutableBufferPointer<UInt8>
    private let source: SourceText

    /// The events of that text; nil where libyaml has no memory for a parser.
    init?(_ source: SourceText) {
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            return nil
        }
        // The parser reads the bytes until it is deleted, so they are its own copy.
        bytes = .allocate(capacity: max(1, source.text.utf8.count))
        _ = bytes.initialize(from: source.text.utf8)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, bytes.baseAddress, source.text.utf8.count)
        self.parser = parser
        self.source = source
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        bytes.deallocate()
    }

    /// The next event; after the end of the stream it must not be called again.
    mutating func next() throws(YAMLProblem) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw problem() }
        defer { yaml_event_delete(&event) }
        return YAMLEvent(
            kind: kind(of: event),
            span: YAMLSpan(YAMLMark(event.start_mark), YAMLMark(event.end_mark)))
    }

    private func kind(of event: yaml_event_t) -> YAMLEvent.Kind {
        switch event.type {
        case YAML_STREAM_START_EVENT: .streamStart
        case YAML_DOCUMENT_START_EVENT: .documentStart
        case YAML_DOCUMENT_END_EVENT: .documentEnd
        case YAML_ALIAS_EVENT: .alias(text(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT: scalar(event)
        case YAML_SEQUENCE_START_EVENT:
            .sequenceStart(
                properties(event.data.sequence_start.anchor, event.data.sequence_start.tag))
        case YAML_SEQUENCE_END_EVENT: .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            .mappingStart(properties(event.data.mapping_start.anchor, event.data.mapping_start.tag))
        case YAML_MAPPING_END_EVENT: .mappingEnd
        default: .streamEnd
        }
    }

    private func scalar(_ event: yaml_event_t) -> YAMLEvent.Kind {
        let scalar = event.data.scalar
        let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
        let style: YAMLScalar.Style =
            switch scalar.style {
            case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
            case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
            case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: .block
            default: .plain
            }
        return .scalar(
            YAMLScalar(String(decoding: bytes, as: UTF8.self), style: style),
            properties(scalar.anchor, scalar.tag))
    }

    private func properties(
        _ anchor: UnsafeMutablePointer<yaml_char_t>?, _ tag: UnsafeMutablePointer<yaml_char_t>?
    ) -> YAMLEvent.Properties {
        YAMLEvent.Properties(anchor: text(anchor), tag: text(tag))
    }

    private func text(_ bytes: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        bytes.map { String(cString: $0) }
    }

    private func problem() -> YAMLProblem {
        let failed = parser.pointee
        let problem = failed.problem.map { String(cString: $0) } ?? "the YAML cannot be read"
        let context = failed.context.map { String(cString: $0) } ?? ""
        // Where the bytes themselves are at fault, libyaml knows the offset only.
        let mark =
            failed.error == YAML_READER_ERROR
            ? source.mark(atByte: failed.problem_offset) : YAMLMark(failed.problem_mark)
        return YAMLProblem(
            context: context,
            contextMark: context.isEmpty ? nil : YAMLMark(failed.context_mark),
            problem: problem, mark: mark)
    }
}

extension YAMLMark {
    /// libyaml counts from 0.
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }
}
