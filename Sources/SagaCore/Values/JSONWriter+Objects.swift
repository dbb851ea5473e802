/// Objects written member by member, without a ``Value`` of them in between: what every transition
/// stores is written so.
extension JSONWriter {
    /// The JSON text that `body` writes.
    static func bytes(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
        var json = JSONWriter(indents: false)
        body(&json)
        return json.bytes
    }

    /// Writes an object with the members that `body` sets.
    mutating func object(_ body: (inout JSONWriter) -> Void) {
        append(UInt8(ascii: "{"))
        isFirst = true
        body(&self)
        append(UInt8(ascii: "}"))
        isFirst = false
    }

    /// Writes a list with what `body` writes of each element.
    mutating func list<Element>(
        _ elements: [Element], _ body: (inout JSONWriter, Element) -> Void
    ) {
        append(UInt8(ascii: "["))
        isFirst = true
        for element in elements {
            separate()
            body(&self, element)
        }
        append(UInt8(ascii: "]"))
        isFirst = false
    }

    /// Begins a member; its value is to be written next. The name needs no escapes.
    mutating func name(_ name: StaticString) {
        separate()
        append(UInt8(ascii: "\""))
        write(name)
        append(UInt8(ascii: "\""))
        append(UInt8(ascii: ":"))
    }

    /// Begins a member of any name.
    mutating func name(anyOf name: String) {
        separate()
        write(quoted: name)
        append(UInt8(ascii: ":"))
    }

    private mutating func separate() {
        if !isFirst { append(UInt8(ascii: ",")) }
        isFirst = false
    }

    // MARK: Members; what is nil is left out.

    mutating func set(_ name: StaticString, value: Value?) {
        guard let value else { return }
        self.name(name)
        write(value, depth: 0)
    }

    mutating func set(_ name: StaticString, text: String?) {
        guard let text else { return }
        self.name(name)
        write(quoted: text)
    }

    mutating func set(_ name: StaticString, texts: [String]) {
        self.name(name)
        list(texts) { $0.write(quoted: $1) }
    }

    mutating func set(_ name: StaticString, id: UniqueID?) {
        guard let id else { return }
        self.name(name)
        write(id)
    }

    mutating func set(_ name: StaticString, whole number: Int64) {
        self.name(name)
        if number < 0 { append(UInt8(ascii: "-")) }
        write(whole: number.magnitude)
    }

    /// As microseconds since 1970.
    mutating func set(_ name: StaticString, microsecondsOf instant: Instant?) {
        if let instant { set(name, whole: instant.microseconds) }
    }

    /// As RFC 3339 text.
    mutating func set(_ name: StaticString, time instant: Instant?) {
        guard let instant else { return }
        self.name(name)
        append(UInt8(ascii: "\""))
        write(atMost: Instant.maximumTextLength, instant.writeText)
        append(UInt8(ascii: "\""))
    }

    /// Only where it is true.
    mutating func set(_ name: StaticString, flag: Bool) {
        if flag { set(name, truth: true) }
    }

    mutating func set(_ name: StaticString, truth: Bool) {
        self.name(name)
        write(truth ? "true" : "false")
    }

    mutating func write(_ id: UniqueID) {
        append(UInt8(ascii: "\""))
        write(atMost: UniqueID.textLength, id.writeText)
        append(UInt8(ascii: "\""))
    }
}
