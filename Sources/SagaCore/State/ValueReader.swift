/// Why stored bytes are not what this program wrote.
package struct StateFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was expected and what was found.
    package var message: String

    /// The fault with that message.
    package init(_ message: String) { self.message = message }

    /// The message.
    package var description: String { message }
}

/// Reads the members of one stored map; a missing or unsuitable one is a fault that names it.
struct ValueReader {
    let members: Members
    let place: String

    init(_ value: Value, _ place: String) throws(StateFault) {
        guard case .map(let members) = value else {
            throw StateFault("\(place): expected an object")
        }
        self.members = members
        self.place = place
    }

    func fault(_ name: String, _ expected: String) -> StateFault {
        StateFault("\(place).\(name): expected \(expected)")
    }

    func value(_ name: String) throws(StateFault) -> Value {
        guard let value = members[name] else { throw fault(name, "a value") }
        return value
    }

    func optionalText(_ name: String) -> String? { members[name]?.text }

    func text(_ name: String) throws(StateFault) -> String {
        guard let text = members[name]?.text else { throw fault(name, "text") }
        return text
    }

    func whole(_ name: String) throws(StateFault) -> Int64 {
        guard let number = members[name]?.whole else { throw fault(name, "a whole number") }
        return number
    }

    func optionalInstant(_ name: String) -> Instant? {
        members[name]?.whole.map(Instant.init(microseconds:))
    }

    func instant(_ name: String) throws(StateFault) -> Instant {
        Instant(microseconds: try whole(name))
    }

    func id(_ name: String) throws(StateFault) -> UniqueID {
        guard let id = UniqueID(try text(name)) else { throw fault(name, "a UUID") }
        return id
    }

    func optionalID(_ name: String) -> UniqueID? { optionalText(name).flatMap { UniqueID($0) } }

    func choice<Choice: RawRepresentable<String>>(_ name: String) throws(StateFault) -> Choice {
        let text = try text(name)
        guard let choice = Choice(rawValue: text) else {
            throw fault(name, "one that this program knows, found '\(text)'")
        }
        return choice
    }

    func optionalChoice<Choice: RawRepresentable<String>>(_ name: String) -> Choice? {
        optionalText(name).flatMap(Choice.init(rawValue:))
    }

    func flag(_ name: String) -> Bool { members[name]?.truth ?? false }

    func elements(_ name: String) -> [Value] { members[name]?.elements ?? [] }
}
