internal import SagaCore

/// Reads tokens into a syntax tree by precedence, and stops at the first that does not fit.
struct Parser {
    private let tokens: [Token]
    private var place = 0
    private var nesting = 0

    init(_ tokens: [Token]) { self.tokens = tokens }

    /// The tree of the whole text.
    mutating func parse() throws(ExpressionIssue) -> Syntax {
        if current.kind == .end {
            throw ExpressionIssue(
                offset: 0, length: 0, message: "the expression is empty", code: "syntax")
        }
        let syntax = try parseExpression()
        guard current.kind == .end else { throw unexpected("an operator or the end") }
        return syntax
    }

    var current: Token { tokens[place] }

    mutating func advance() {
        if place < tokens.count - 1 { place += 1 }
    }

    /// Takes the mark if it stands next.
    mutating func take(_ mark: Token.Mark) -> Bool {
        guard current.kind == .mark(mark) else { return false }
        advance()
        return true
    }

    /// Takes the mark, which must stand next, and gives where it ends.
    mutating func expect(_ mark: Token.Mark) throws(ExpressionIssue) -> Int {
        let end = current.range.upperBound
        guard take(mark) else { throw unexpected("'\(mark.rawValue)'") }
        return end
    }

    /// A conditional or anything that binds closer.
    mutating func parseExpression() throws(ExpressionIssue) -> Syntax {
        nesting += 1
        defer { nesting -= 1 }
        if nesting > ExpressionCompiler.depthLimit { throw tooDeep(at: current.range) }
        let condition = try parseBinary(above: 0)
        guard take(.question) else { return condition }
        let whenTrue = try parseBinary(above: 0)
        _ = try expect(.colon)
        let whenFalse = try parseExpression()
        return try node(
            .conditional(condition, whenTrue, whenFalse),
            condition.range.lowerBound..<whenFalse.range.upperBound)
    }

    /// Operators that bind closer than the level, all of them to the left.
    private mutating func parseBinary(above level: Int) throws(ExpressionIssue) -> Syntax {
        var left = try parseUnary()
        while let (mark, binding) = currentOperator, binding > level {
            let markRange = current.range
            advance()
            let right = try parseBinary(above: binding)
            left = try node(
                .binary(mark, at: markRange, left, right),
                left.range.lowerBound..<right.range.upperBound)
        }
        return left
    }

    private var currentOperator: (Expression.BinaryOperator, Int)? {
        switch current.kind {
        case .keyword(.in): (.in, 3)
        case .mark(let mark):
            Expression.BinaryOperator(rawValue: mark.rawValue).map { ($0, $0.binding) }
        case .name, .quotedName, .keyword, .whole, .double, .string, .end: nil
        }
    }

    private mutating func parseUnary() throws(ExpressionIssue) -> Syntax {
        var marks: [(Expression.UnaryOperator, Int)] = []
        while true {
            let start = current.range.lowerBound
            if take(.not) {
                marks.append((.not, start))
            } else if take(.minus) {
                marks.append((.negate, start))
            } else {
                break
            }
        }
        var operand: Syntax
        if case .negate? = marks.last?.0, let negative = try takeNegativeNumber() {
            let start = marks.removeLast().1
            operand = Syntax(.literal(negative), start..<tokens[place - 1].range.upperBound)
            operand = try parseSuffixes(of: operand)
        } else {
            operand = try parseSuffixes(of: try parsePrimary())
        }
        for (mark, start) in marks.reversed() {
            operand = try node(.unary(mark, operand), start..<operand.range.upperBound)
        }
        return operand
    }

    /// The number next, negated: only so is the least int written.
    private mutating func takeNegativeNumber() throws(ExpressionIssue) -> Value? {
        switch current.kind {
        case .whole(let number):
            guard number <= 1 << 63 else { throw outOfRange(current) }
            advance()
            return .int(Int64(truncatingIfNeeded: 0 &- number))
        case .double(let number):
            advance()
            return .double(-number)
        case .name, .quotedName, .keyword, .string, .mark, .end: return nil
        }
    }

    func outOfRange(_ token: Token) -> ExpressionIssue {
        ExpressionIssue(
            offset: token.range.lowerBound, length: token.range.count,
            message: "the whole number does not fit 64 bits",
            fix: "write it with a fraction, as in 1e20 or 1.0, to make it a double", code: "syntax")
    }

    /// A node that is not too deep.
    func node(_ kind: Syntax.Kind, _ range: Range<Int>) throws(ExpressionIssue) -> Syntax {
        let syntax = Syntax(kind, range)
        if syntax.depth > ExpressionCompiler.depthLimit { throw tooDeep(at: range) }
        return syntax
    }

    private func tooDeep(at range: Range<Int>) -> ExpressionIssue {
        ExpressionIssue(
            offset: range.lowerBound, length: range.count,
            message: "more than \(ExpressionCompiler.depthLimit) parts stand inside one another",
            fix: "split the expression over several members, such as members of 'set'",
            code: "too-deep")
    }

    /// The issue that something else stands next than what was expected.
    func unexpected(_ expected: String) -> ExpressionIssue {
        let fix: String? =
            switch current.kind {
            case .name("and"): "write '&&'"
            case .name("or"): "write '||'"
            case .name("not"): "write '!'"
            case .name("is"): "write '=='"
            case .mark(.question): "put the inner '?:' in parentheses"
            case .name(let name) where Token.reserved.contains(name):
                "'\(name)' is a word that CEL keeps for itself"
            case .quotedName: "write strings in straight quotes, ' or \""
            case .name, .keyword, .whole, .double, .string, .mark, .end: nil
            }
        return ExpressionIssue(
            offset: current.range.lowerBound, length: current.range.count,
            message: "expected \(expected), found \(current.kind.shown)", fix: fix, code: "syntax")
    }
}

extension Expression.BinaryOperator {
    /// How closely the operator binds: 1 the least.
    fileprivate var binding: Int {
        switch self {
        case .or: 1
        case .and: 2
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .in: 3
        case .add, .subtract: 4
        case .multiply, .divide, .remainder: 5
        }
    }
}
