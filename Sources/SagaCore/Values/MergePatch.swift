extension Value {
    /// Applies a JSON Merge Patch (RFC 7396): members of maps are merged, `null` removes a member,
    /// and anything but a map takes the place of what was there.
    package mutating func merge(_ patch: Value) {
        guard case .map(let changes) = patch else {
            self = patch
            return
        }
        var members = Members()
        if case .map(let own) = self { members = own }
        // Otherwise every change would copy what is also held here.
        self = .null
        for change in changes {
            if case .null = change.value {
                members[change.name] = nil
            } else if case .map = change.value {
                var member = members[change.name] ?? .null
                member.merge(change.value)
                members[change.name] = member
            } else {
                members[change.name] = change.value
            }
        }
        self = .map(members)
    }
}
