import HTTPTypes
import Hummingbird
import SagaCore

/// Why a request was not carried out, as RFC 9457 has it.
struct Problem: Error {
    /// What it is about.
    var kind: ProblemKind
    /// What was expected, what was found, and what to do, for this occurrence.
    var detail: String
    /// Each thing that is wrong, where several may be.
    var errors: [SchemaViolation] = []
    /// Further members of the document.
    var members = Members()
    /// What this occurrence is known by.
    var instance: String?
    /// The methods that the route takes.
    var allow: String?
    /// When to try again.
    var retryAfter: Duration?

    /// The problem of that kind.
    init(
        _ kind: ProblemKind, _ detail: String, errors: [SchemaViolation] = [],
        members: Members = Members()
    ) {
        self.kind = kind
        self.detail = detail
        self.errors = errors
        self.members = members
    }

    /// The problem that one thing in the body or the query is wrong.
    init(_ kind: ProblemKind, at pointer: String, _ message: String) {
        let violation = SchemaViolation(pointer: pointer, message: message)
        self.init(kind, violation.description, errors: [violation])
    }

    /// The problem with everything that is wrong.
    init(_ kind: ProblemKind, _ violations: [SchemaViolation]) {
        let detail = violations.map(\.description).joined(separator: "; ")
        self.init(kind, detail, errors: violations)
    }
}

extension Problem {
    /// The document, as JSON bytes.
    var document: [UInt8] {
        var document = Members([
            ("type", .string("urn:sagad:problem:\(kind.rawValue)")),
            ("title", .string(kind.title)), ("status", .double(Double(kind.status))),
            ("detail", .string(detail)),
        ])
        if let instance { document["instance"] = .string(instance) }
        for member in members { document[member.name] = member.value }
        if !errors.isEmpty {
            document["errors"] = .list(
                errors.map { ["pointer": .string($0.pointer), "message": .string($0.message)] })
        }
        return Value.map(document).jsonBytes
    }

    /// The header fields that go with the document.
    var fields: HTTPFields {
        var fields = Answer.problemFields
        if let allow { fields[.allow] = allow }
        if let retryAfter { fields[.retryAfter] = String(Self.wholeSeconds(retryAfter)) }
        return fields
    }

    /// The answer to the request.
    var response: Response {
        Answer.bytes(document, status: .init(code: kind.status), fields: fields)
    }

    /// Seconds, rounded up, at least 1.
    private static func wholeSeconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return max(1, seconds + (attoseconds > 0 ? 1 : 0))
    }
}
