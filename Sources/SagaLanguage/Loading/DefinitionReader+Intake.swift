internal import SagaCore

// `intake`, `key`, and what expressions know of the document.
extension DefinitionReader {
    /// What is known of the document before the intake sets members of it.
    func documentType(_ schema: Schema?, hasIntake: Bool) -> ExpressionType {
        let type = schema?.expressionType ?? .any
        return hasIntake && type == .any ? .anyMap : type
    }

    /// The business key of this saga or of a child.
    mutating func readKey(_ fields: Fields, in context: ExpressionContext) -> Template? {
        guard let member = fields["key"] else { return nil }
        guard let scalar = member.value.scalar, scalar.resolved == .text else {
            reportType(member, expected: "text with a `${…}`")
            return nil
        }
        guard let (template, type) = template(of: member.value, in: context) else {
            return nil
        }
        if case .literal = template {
            diagnostics.error(
                .notAnExpression, at: member.place,
                "`key` is the same for every instance, so there could be one only",
                fix: "take it from the document, such as `${input.order_no}`")
        } else if !type.mayBeKey {
            diagnostics.error(
                .wrongType, at: member.place,
                "`key` must be text or a number, is \(type.phrase)")
        }
        return template
    }

    mutating func readIntake(_ fields: Fields, schema: Schema?) -> Intake {
        places.path = fields["path"]?.place
        var intake = Intake(path: readPath(fields) ?? "", schema: schema.forDocument)
        intake.idMember = name(fields, "id", .member)
        checkDocumentIsObject(fields, schema)
        warnOfReplacedMembers(fields, schema)
        if let id = intake.idMember { setMember(id, to: .string) }
        intake.set = readAssignments(fields)
        intake.event = name(fields, "event", .event)
        if let event = intake.event, let member = fields["event"] {
            use(event, at: member.place, as: .start)
        }
        return intake
    }

    private mutating func readAssignments(_ fields: Fields) -> [Assignment] {
        guard let member = fields["set"] else { return [] }
        guard let members = member.value.members else {
            reportType(member, expected: "a mapping of members to their values")
            return []
        }
        var assignments: [Assignment] = []
        for assigned in members {
            guard checkName(assigned.name, .member, at: assigned.nameSpan) else {
                continue
            }
            if assigned.name == fields["id"]?.value.scalar?.text {
                diagnostics.error(
                    .conflictingKeys, at: assigned.nameSpan,
                    "`\(assigned.name)` is the intake's `id`, which takes the saga's key",
                    fix: "remove it here, or set the key with the saga's `key: ${…}`")
                continue
            }
            let value = template(of: assigned.value, in: context(of: .set))
            setMember(assigned.name, to: value?.type ?? .any)
            guard let value else { continue }
            assignments.append(Assignment(name: assigned.name, value: value.template))
        }
        return assignments
    }

    /// From here on the document has that member.
    private mutating func setMember(_ name: String, to type: ExpressionType) {
        guard case .map(var fields, let isOpen) = inputType else { return }
        fields[name] = .init(type, isRequired: true)
        inputType = .map(fields: fields, isOpen: isOpen)
    }

    private mutating func checkDocumentIsObject(_ fields: Fields, _ schema: Schema?) {
        guard let member = fields["schema"], let schema, !schema.mayAcceptObjects else { return }
        diagnostics.error(
            .badSchema, at: member.place,
            "the posted body becomes the document, so the schema must accept an object",
            fix: "write `type: object` at its top")
    }

    /// A member that the intake writes anyway need not be asked of those who post.
    private mutating func warnOfReplacedMembers(_ fields: Fields, _ schema: Schema?) {
        guard let schema else { return }
        let required = Set(schema.requiredNames)
        if let id = fields["id"], let name = id.value.scalar?.text, required.contains(name) {
            warnOfReplaced(name, at: id.place)
        }
        for member in fields["set"]?.value.members ?? [] where required.contains(member.name) {
            warnOfReplaced(member.name, at: member.nameSpan)
        }
    }

    private mutating func warnOfReplaced(_ name: String, at place: YAMLSpan) {
        diagnostics.warning(
            .badSchema, at: place,
            "the schema requires `\(name)` to be posted, and the intake replaces it",
            fix: "take `\(name)` out of the schema's `required`")
    }
}

extension Schema? {
    /// The schema of a document, which is an object whatever else is said of it.
    fileprivate var forDocument: Schema {
        let isObject = Schema.Assertion.type([.object])
        guard let schema = self else { return Schema([isObject]) }
        return schema.assertions.contains(isObject)
            ? schema : Schema([isObject] + schema.assertions)
    }
}

// The route.
extension DefinitionReader {
    private mutating func readPath(_ fields: Fields) -> String? {
        guard let member = fields["path"], let path = text(fields, "path") else { return nil }
        guard let problem = IntakePath.problem(with: path) else { return path }
        diagnostics.error(.badPath, at: member.place, problem, fix: "write it as in `/api/orders`")
        return nil
    }
}

/// What an intake's path may be.
enum IntakePath {
    /// The daemon's own routes; an intake lies neither on nor under nor directly above one.
    static let fixed = [
        "/api/sagas", "/api/tasks", "/api/debt", "/api/dead-letters", "/api/cluster", "/api/watch",
        "/api/definitions", "/api/faults", "/healthz", "/readyz", "/metrics", "/openapi.json",
    ]

    /// The most characters a path may have.
    static let lengthLimit = 128

    /// What is wrong with a path, or nil.
    static func problem(with path: String) -> String? {
        guard path.hasPrefix("/") else { return "an intake's path must begin with `/`" }
        guard path.utf8.count > 1 else { return "the path `/` is the daemon's own" }
        guard path.utf8.count <= lengthLimit else {
            return "an intake's path has at most \(lengthLimit) characters"
        }
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        for segment in segments {
            if segment.isEmpty || segment == "." || segment == ".." {
                return "an intake's path has no empty segment, no `.` and no `..`"
            }
            if let odd = segment.unicodeScalars.first(where: { !isUnreserved($0) }) {
                return "an intake's path has letters, digits, `-`, `_`, `.` and `~`, not"
                    + " `\(Character(odd))`"
            }
        }
        return clash(of: path)
    }

    /// Whether the one's `/{key}` route is the other.
    static func isDirectlyAbove(_ upper: String, _ lower: String) -> Bool {
        guard lower.hasPrefix(upper + "/") else { return false }
        return !lower.dropFirst(upper.count + 1).contains("/")
    }

    private static func clash(of path: String) -> String? {
        for route in fixed {
            if path == route || path.hasPrefix(route + "/") {
                return "`\(route)` is one of the daemon's own routes"
            }
            if isDirectlyAbove(path, route) {
                return "the intake's documents would stand at `\(path)/{key}`, where the daemon's"
                    + " own `\(route)` is"
            }
        }
        return nil
    }

    private static func isUnreserved(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", "~": true
        default: false
        }
    }
}
