/// The members of a map, each name once, in the order in which the names first came.
///
/// Equality and hashing ignore the order, as JSON does. Look-ups are linear up to
/// ``indexedAbove`` members and by hash beyond, so that a hostile document stays cheap.
package struct Members: Sendable {
    /// Above this many members names are found through an index.
    package static let indexedAbove = 12
    /// Room for so many is made with the first: most maps hold a few.
    private static let firstRoom = 8

    private(set) var entries: [Entry] = []
    private var index: [String: Int]?

    /// One member.
    package struct Entry: Hashable, Sendable {
        /// The member's name.
        package let name: String
        /// The member's value.
        package var value: Value
    }

    /// No members.
    package init() {}

    /// The members given; a name given twice keeps its place and takes the last value.
    package init(_ members: some Sequence<(String, Value)>) {
        for (name, value) in members { self[name] = value }
    }

    /// How many members there are.
    package var count: Int { entries.count }

    /// Whether there is no member.
    package var isEmpty: Bool { entries.isEmpty }

    /// The names in order.
    package var names: [String] { entries.map(\.name) }

    /// The value of that name; assigning nil removes the member.
    package subscript(name: String) -> Value? {
        get { position(of: name).map { entries[$0].value } }
        set {
            switch (position(of: name), newValue) {
            case (let place?, let value?): entries[place].value = value
            case (let place?, nil): remove(at: place)
            case (nil, let value?): append(name, value)
            case (nil, nil): break
            }
        }
    }

    /// The same names with changed values.
    package func mapValues<Failure: Error>(
        _ change: (Value) throws(Failure) -> Value
    ) throws(Failure) -> Members {
        var changed = self
        for place in changed.entries.indices {
            changed.entries[place].value = try change(changed.entries[place].value)
        }
        return changed
    }

    private func position(of name: String) -> Int? {
        if let index { return index[name] }
        return entries.firstIndex { $0.name == name }
    }

    private mutating func append(_ name: String, _ value: Value) {
        if entries.isEmpty { entries.reserveCapacity(Self.firstRoom) }
        entries.append(Entry(name: name, value: value))
        if index != nil {
            index?[name] = entries.count - 1
        } else if entries.count > Self.indexedAbove {
            rebuildIndex()
        }
    }

    private mutating func remove(at place: Int) {
        entries.remove(at: place)
        if index != nil { rebuildIndex() }
    }

    private mutating func rebuildIndex() {
        var places: [String: Int] = [:]
        for (place, entry) in entries.enumerated() { places[entry.name] = place }
        index = places
    }
}

extension Members: RandomAccessCollection {
    /// The first position.
    package var startIndex: Int { entries.startIndex }
    /// The position after the last.
    package var endIndex: Int { entries.endIndex }
    /// The member at that position.
    package subscript(position: Int) -> Entry { entries[position] }
}

extension Members: Hashable {
    /// Whether both hold the same values under the same names.
    package static func == (left: Members, right: Members) -> Bool {
        left.count == right.count && left.allSatisfy { right[$0.name] == $0.value }
    }

    /// Hashes the members whatever their order.
    package func hash(into hasher: inout Hasher) {
        var sum = 0
        for entry in entries { sum ^= entry.hashValue }
        hasher.combine(sum)
    }
}
