/// What a name of the language may look like.
package enum NameRule: String, CaseIterable, Sendable {
    /// A saga's name.
    case saga
    /// A step's name.
    case step
    /// An outcome's name.
    case outcome
    /// A domain event's own name; the stream is put before it.
    case event
    /// An aggregate's type.
    case aggregateType
    /// A JetStream stream's name.
    case stream
    /// What follows `saga.command.` in a command's subject.
    case subject
    /// A member of the document.
    case member
    /// A branch's name.
    case branch
    /// The name of an element in expressions.
    case element
    /// A role of people.
    case role

    /// The most characters a name may have.
    package static let lengthLimit = 64
    /// The most characters a subject may have.
    package static let subjectLengthLimit = 128

    /// What the daemon puts before a command's subject.
    package static let subjectPrefix = "saga.command."

    /// What such a name is called.
    package var noun: String {
        switch self {
        case .saga: "saga name"
        case .step: "step name"
        case .outcome: "outcome name"
        case .event: "event name"
        case .aggregateType: "aggregate type"
        case .stream: "stream name"
        case .subject: "command subject"
        case .member: "member name"
        case .branch: "branch name"
        case .element: "element name"
        case .role: "role"
        }
    }

    /// The rule for people, as in `must be …`.
    package var phrase: String {
        switch self {
        case .saga: "lower-case letters, digits and `-`, a letter first"
        case .step, .outcome, .branch: "lower-case letters, digits, `_` and `-`, a letter first"
        case .event, .aggregateType, .stream, .role: "letters, digits, `_` and `-`, a letter first"
        case .subject:
            "words of letters, digits, `_` and `-`, joined by `.`, without `saga.command.`"
        case .member: "1 to \(Self.lengthLimit) characters"
        case .element: "letters, digits and `_`, a letter first"
        }
    }

    /// The rule as a regular expression over the whole name, for editors.
    package var pattern: String {
        switch self {
        case .saga: "^[a-z][a-z0-9-]{0,63}$"
        case .step, .outcome, .branch: "^[a-z][a-z0-9_-]{0,63}$"
        case .event, .aggregateType, .stream, .role: "^[A-Za-z][A-Za-z0-9_-]{0,63}$"
        case .subject: "^[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*$"
        case .member: "^.{1,64}$"
        case .element: "^[A-Za-z][A-Za-z0-9_]{0,63}$"
        }
    }

    /// Whether a name keeps the rule.
    package func accepts(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        switch self {
        case .saga: return isWord(bytes, lowerCase: true, extra: "-")
        case .step, .outcome, .branch: return isWord(bytes, lowerCase: true, extra: "_-")
        case .event, .aggregateType, .stream, .role:
            return isWord(bytes, lowerCase: false, extra: "_-")
        case .element: return isWord(bytes, lowerCase: false, extra: "_")
        case .member: return (1...Self.lengthLimit).contains(name.unicodeScalars.count)
        case .subject:
            let tokens = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            return bytes.count <= Self.subjectLengthLimit && !name.hasPrefix(Self.subjectPrefix)
                && tokens.allSatisfy { token in
                    !token.isEmpty && token.allSatisfy { isWordByte($0, extra: "_-") }
                }
        }
    }

    /// A name close to this one that keeps the rule, or nil.
    package func suggestion(for name: String) -> String? {
        let text: String
        switch self {
        case .saga, .step, .outcome, .branch: text = name.lowercased()
        case .event, .aggregateType, .stream, .role, .element: text = name
        case .subject:
            guard name.hasPrefix(Self.subjectPrefix) else { return nil }
            let rest = String(name.dropFirst(Self.subjectPrefix.count))
            return accepts(rest) ? rest : nil
        case .member: return nil
        }
        let joint: Character = self == .saga ? "-" : "_"
        let keeps = self == .saga ? "-" : self == .element ? "_" : "_-"
        let mended = String(
            text.map { character in
                guard let byte = character.asciiValue, isWordByte(byte, extra: keeps) else {
                    return joint
                }
                return character
            })
        return mended != name && accepts(mended) ? mended : nil
    }

    private func isWord(_ bytes: [UInt8], lowerCase: Bool, extra: StaticString) -> Bool {
        guard let first = bytes.first, bytes.count <= Self.lengthLimit, isLetter(first) else {
            return false
        }
        if lowerCase, bytes.contains(where: { (65...90).contains($0) }) { return false }
        return bytes.allSatisfy { isWordByte($0, extra: "\(extra)") }
    }
}

private func isLetter(_ byte: UInt8) -> Bool {
    (65...90).contains(byte) || (97...122).contains(byte)
}

private func isWordByte(_ byte: UInt8, extra: String) -> Bool {
    isLetter(byte) || (48...57).contains(byte) || extra.utf8.contains(byte)
}
