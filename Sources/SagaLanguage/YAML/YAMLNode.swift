/// A node of a YAML document, with its place.
package struct YAMLNode: Equatable, Sendable {
    /// What the node is.
    package var content: Content
    /// Where it stands; a node that came through an alias stands where its anchor does.
    package var span: YAMLSpan

    /// What a node is.
    package enum Content: Equatable, Sendable {
        /// Text, or what the core schema makes of it.
        case scalar(YAMLScalar)
        /// Nodes in order.
        case sequence([YAMLNode])
        /// Named nodes in file order, each name once.
        case mapping([YAMLMember])
    }

    /// A node of that content at that place.
    package init(_ content: Content, at span: YAMLSpan) {
        self.content = content
        self.span = span
    }
}

/// A name and its node.
package struct YAMLMember: Equatable, Sendable {
    /// The name as text, whatever the core schema would make of it.
    package var name: String
    /// Where the name stands.
    package var nameSpan: YAMLSpan
    /// What it names.
    package var value: YAMLNode

    /// The member of that name and value.
    package init(name: String, nameSpan: YAMLSpan, value: YAMLNode) {
        self.name = name
        self.nameSpan = nameSpan
        self.value = value
    }
}

/// A scalar as it is written.
package struct YAMLScalar: Equatable, Sendable {
    /// The text, escapes resolved and lines folded.
    package var text: String
    /// How it is written.
    package var style: Style

    /// How a scalar is written.
    package enum Style: Hashable, Sendable {
        /// Without quotes: the core schema decides what it is.
        case plain
        /// In single quotes: text.
        case singleQuoted
        /// In double quotes: text.
        case doubleQuoted
        /// After `|` or `>`: text.
        case block
    }

    /// The text in that style.
    package init(_ text: String, style: Style) {
        self.text = text
        self.style = style
    }
}

extension YAMLNode {
    /// The members of a mapping, or nil.
    package var members: [YAMLMember]? {
        guard case .mapping(let members) = content else { return nil }
        return members
    }

    /// The elements of a sequence, or nil.
    package var elements: [YAMLNode]? {
        guard case .sequence(let elements) = content else { return nil }
        return elements
    }

    /// The scalar, or nil.
    package var scalar: YAMLScalar? {
        guard case .scalar(let scalar) = content else { return nil }
        return scalar
    }

    /// The node of that name in a mapping, or nil.
    package subscript(name: String) -> YAMLNode? {
        members?.first { $0.name == name }?.value
    }

    /// Whether nothing stands here: an empty plain scalar, `~` or `null`.
    package var isNull: Bool { scalar?.resolved == .null }

    /// What the node is, with its article, for messages.
    package var phrase: String {
        switch content {
        case .sequence(let elements): elements.isEmpty ? "an empty list" : "a list"
        case .mapping(let members): members.isEmpty ? "an empty mapping" : "a mapping"
        case .scalar(let scalar): scalar.resolved.phrase(of: scalar.text)
        }
    }
}
