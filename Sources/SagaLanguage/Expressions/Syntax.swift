internal import SagaCore

/// A node of an expression as it is written, before anything is known of its names and types.
struct Syntax {
    let kind: Kind
    /// The node's code points, parentheses around it included.
    var range: Range<Int>
    /// How many nodes stand inside one another here, this one included.
    let depth: Int

    /// What a node is.
    indirect enum Kind {
        case literal(Value)
        case name(String)
        case list([Syntax])
        case map([Entry])
        case member(Syntax, Name)
        case index(Syntax, Syntax)
        case call(receiver: Syntax?, Name, [Syntax])
        case unary(Expression.UnaryOperator, Syntax)
        case binary(Expression.BinaryOperator, at: Range<Int>, Syntax, Syntax)
        case conditional(Syntax, Syntax, Syntax)
    }

    /// A name and where it stands.
    struct Name {
        let text: String
        let range: Range<Int>
    }

    /// An entry of a map.
    struct Entry {
        let key: Syntax
        let value: Syntax
    }

    init(_ kind: Kind, _ range: Range<Int>) {
        self.kind = kind
        self.range = range
        depth = 1 + (Self.parts(of: kind).map(\.depth).max() ?? 0)
    }

    private static func parts(of kind: Kind) -> [Syntax] {
        switch kind {
        case .literal, .name: []
        case .list(let elements): elements
        case .map(let entries): entries.flatMap { [$0.key, $0.value] }
        case .member(let operand, _), .unary(_, let operand): [operand]
        case .index(let left, let right), .binary(_, _, let left, let right): [left, right]
        case .call(let receiver, _, let arguments): (receiver.map { [$0] } ?? []) + arguments
        case .conditional(let condition, let whenTrue, let whenFalse):
            [condition, whenTrue, whenFalse]
        }
    }
}
