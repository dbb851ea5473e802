internal import SagaCore

/// Reads a document into a definition and finds everything that is wrong with it.
///
/// The outline is read first, so that each node knows the others and the pivot; then every part
/// once, in the order of the file's meaning: a part that is wrong is reported and left out, and the
/// rest is read all the same.
struct DefinitionReader {
    let source: SourceText
    let resolveSchema: (String) -> Result<String, UnreadableFile>
    var diagnostics: DiagnosticList
    /// The documents of the schema files that were read, by name.
    var schemaFiles: [String: YAMLNode] = [:]
    /// Where the parts stand that other files may clash with.
    var places: DefinitionPlaces
    /// The nodes as far as other parts need to know them.
    var outline = SagaOutline()
    /// What the last expression saw of the steps.
    var lastView: (view: StepsView, steps: [String: StepVisibility])?
    /// The saga's own name, as far as it is right.
    var sagaName = ""
    /// Whether the file has an aggregate, right or wrong.
    var hasAggregate = false
    /// What expressions know of the document.
    var inputType = ExpressionType.any
    /// What steps take that do not write their own.
    var defaults = StepDefaults()
    /// Every event that is named, in file order.
    var events: [EventUse] = []

    init(
        _ source: SourceText,
        resolveSchema: @escaping (String) -> Result<String, UnreadableFile>
    ) {
        self.source = source
        self.resolveSchema = resolveSchema
        diagnostics = DiagnosticList(source)
        places = DefinitionPlaces(source: source)
    }

    /// The definition, as far as it can be read; it counts only where nothing was reported.
    mutating func read(_ document: YAMLNode) -> SagaDefinition? {
        diagnostics.checkNumbers(document)
        let top = YAMLSpan(document.span.start, length: 1)
        guard let fields = fields(of: document, .saga, owner: top) else { return nil }
        outline = SagaOutline(document)
        hasAggregate = fields["aggregate"] != nil
        places.version = fields["version"]?.place
        var definition = readHead(fields)
        readDocument(fields, into: &definition)
        readDefaults(fields)
        definition.deadline = duration(fields, "deadline")
        definition.turnGrace =
            duration(fields, "turn_grace", allowsZero: true) ?? SagaDefinition.turnGraceDefault
        definition.nodes = readNodes(fields)
        definition.finish = readFinish(fields)
        definition.output = mappingTemplate(fields, "output", in: context(of: .completed))
        checkEvents()
        return definition
    }

    private mutating func readHead(_ fields: Fields) -> SagaDefinition {
        var definition = SagaDefinition(name: "", version: 1, nodes: [])
        definition.name = name(fields, "saga", .saga) ?? ""
        sagaName = definition.name
        definition.version = whole(fields, "version") ?? 1
        definition.summary = text(fields, "description")
        definition.aggregate = readAggregate(fields)
        return definition
    }

    private mutating func readAggregate(_ fields: Fields) -> Aggregate? {
        guard let member = fields["aggregate"],
            let aggregate = self.fields(of: member, .aggregate)
        else { return nil }
        let type = name(aggregate, "type", .aggregateType)
        let stream = name(aggregate, "stream", .stream)
        if let stream, let place = aggregate["stream"]?.place, isReserved(stream) {
            diagnostics.error(
                .reservedName, at: place,
                "the stream `\(stream)` is the daemon's own: names that begin with `SAGA` are",
                fix: "name it after the aggregate, such as `ORDERS`")
        }
        guard let type, let stream else { return nil }
        return Aggregate(type: type, stream: stream)
    }

    /// `SAGA_COMMANDS` and its like, and the name whose subjects would lie among theirs.
    private func isReserved(_ stream: String) -> Bool {
        let upper = stream.uppercased()
        return upper.hasPrefix("SAGA_") || upper == "SAGA"
    }

    /// `intake`, `input` and `key`: what the document is.
    private mutating func readDocument(_ fields: Fields, into definition: inout SagaDefinition) {
        if let intake = fields["intake"], let input = fields["input"] {
            diagnostics.error(
                .conflictingKeys, at: input.nameSpan,
                "`input` is for a saga without `intake`, and this one has an intake"
                    + " (line \(intake.nameSpan.start.line))",
                fix: "write the schema as `intake.schema`")
        }
        if let input = fields["input"] { definition.inputSchema = readSchema(input) }
        let intake = fields["intake"].flatMap { self.fields(of: $0, .intake) }
        let posted = intake?["schema"].flatMap { readSchema($0) }
        inputType = documentType(posted ?? definition.inputSchema, hasIntake: intake != nil)
        // The key is a function of what was posted; the members that are set may use it.
        definition.key = readKey(fields, in: context(of: .key))
        if let intake { definition.intake = readIntake(intake, schema: posted) }
    }

    /// Whether canonical text is small enough to be read again; it is reported if not.
    mutating func checkSize(ofCanonical text: String, in document: YAMLNode) -> Bool {
        let size = text.utf8.count
        guard size > YAMLReader.byteLimit else { return true }
        diagnostics.error(
            .tooLarge, at: YAMLSpan(document.span.start, length: 1),
            "with its schemas and aliases written out the definition has \(size) bytes;"
                + " at most \(YAMLReader.byteLimit) (1 MiB) are kept")
        return false
    }
}
