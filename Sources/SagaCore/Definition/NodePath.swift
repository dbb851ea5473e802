/// Where a node stands in the tree of a definition: its name, such as `payment`.
///
/// Inside an `each` the element's index follows in brackets, one for each enclosing `each`, the
/// outermost first, as in `pay[3]` or `pay[3][0]`.
package typealias NodePath = String

/// A node's path taken apart.
package struct NodeAddress: Hashable, Sendable {
    /// The node's name in its definition.
    package var name: String
    /// The index of the element in each enclosing `each`, from 0, the outermost first.
    package var indices: [Int]

    /// The node of that name in the elements of those indices.
    package init(name: String, indices: [Int]) {
        self.name = name
        self.indices = indices
    }

    /// The parts of a path; what is no index in brackets is passed over.
    package init(_ path: NodePath) {
        guard let bracket = path.utf8.firstIndex(of: UInt8(ascii: "[")) else {
            self.init(name: path, indices: [])
            return
        }
        let brackets = path[bracket...].split { $0 == "[" || $0 == "]" }
        self.init(name: String(path[..<bracket]), indices: brackets.compactMap { Int($0) })
    }

    /// The path as it is written.
    package var path: NodePath { Self.path(name, indices[...]) }

    /// The path of the node of that name in the elements of those indices.
    static func path(_ name: String, _ indices: ArraySlice<Int>) -> NodePath {
        if indices.isEmpty { return name }
        var path = name
        for index in indices { path += "[\(index)]" }
        return path
    }
}
