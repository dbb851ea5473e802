package import SagaCore

/// How two canonical forms of one definition differ, for the author who changed a version.
package enum CanonicalDifference {
    /// One line for each place where they differ, in the order of the new form, such as
    /// `steps/0/timeout: was "10s", is "20s"`; `limit` lines at most, and none where they are one.
    package static func lines(
        from old: Value, to new: Value, limit: Int = 20
    ) -> [String] {
        var found: [String] = []
        compare(old, new, at: "", into: &found)
        guard found.count > limit else { return found }
        return found.prefix(limit) + ["and \(found.count - limit) more"]
    }

    private static func compare(
        _ old: Value, _ new: Value, at path: String, into found: inout [String]
    ) {
        switch (old, new) {
        case (.map(let before), .map(let after)):
            compare(before, after, at: path, into: &found)
        case (.list(let before), .list(let after)):
            for place in 0..<max(before.count, after.count) {
                compareOptional(
                    before.dropFirst(place).first, after.dropFirst(place).first,
                    at: join(path, String(place)), into: &found)
            }
        case (_, _):
            guard old != new else { return }
            found.append("\(path): was \(shown(old)), is \(shown(new))")
        }
    }

    private static func compare(
        _ before: Members, _ after: Members, at path: String, into found: inout [String]
    ) {
        for member in after {
            compareOptional(
                before[member.name], member.value, at: join(path, member.name), into: &found)
        }
        for member in before where after[member.name] == nil {
            compareOptional(
                member.value, Value?.none, at: join(path, member.name), into: &found)
        }
        // The order of an author's names counts, as in `set`.
        if before.count == after.count, before == after, before.names != after.names {
            found.append("\(path): the same members in another order")
        }
    }

    private static func compareOptional(
        _ old: Value?, _ new: Value?, at path: String, into found: inout [String]
    ) {
        switch (old, new) {
        case (let old?, let new?): compare(old, new, at: path, into: &found)
        case (nil, let new?): found.append("\(path): is new, \(shown(new))")
        case (let old?, nil): found.append("\(path): is gone, was \(shown(old))")
        case (nil, nil): break
        }
    }

    private static func join(_ path: String, _ name: String) -> String {
        path.isEmpty ? name : "\(path)/\(name)"
    }

    private static func shown(_ value: Value) -> String { shortened(value.jsonText) }
}
