internal import SagaCore

extension Parser {
    /// A literal, a name, a call, or something in brackets.
    mutating func parsePrimary() throws(ExpressionIssue) -> Syntax {
        let token = current
        switch token.kind {
        case .name(let name): return try parseName(name)
        case .keyword(let word): return try parseKeyword(word)
        case .whole(let number):
            guard let whole = Int64(exactly: number) else { throw outOfRange(token) }
            return literal(.int(whole))
        case .double(let number): return literal(.double(number))
        case .string(let text): return literal(.string(text))
        case .mark(.openParenthesis): return try parseParentheses()
        case .mark(.openBracket): return try parseList()
        case .mark(.openBrace): return try parseMap()
        case .quotedName, .mark, .end: throw unexpected("a value")
        }
    }

    private mutating func literal(_ value: Value) -> Syntax {
        let range = current.range
        advance()
        return Syntax(.literal(value), range)
    }

    private mutating func parseKeyword(_ word: Token.Keyword) throws(ExpressionIssue) -> Syntax {
        switch word {
        case .true: return literal(.bool(true))
        case .false: return literal(.bool(false))
        case .null: return literal(.null)
        case .in: throw unexpected("a value")
        }
    }

    private mutating func parseName(_ name: String) throws(ExpressionIssue) -> Syntax {
        let range = current.range
        if Token.reserved.contains(name) { throw unexpected("a value") }
        advance()
        switch current.kind {
        case .mark(.openParenthesis):
            let (arguments, end) = try parseArguments()
            return try node(
                .call(receiver: nil, Syntax.Name(text: name, range: range), arguments),
                range.lowerBound..<end)
        case .mark(.openBrace): throw message(name, range)
        case .name, .quotedName, .keyword, .whole, .double, .string, .mark, .end:
            return Syntax(.name(name), range)
        }
    }

    private func message(_ name: String, _ range: Range<Int>) -> ExpressionIssue {
        ExpressionIssue(
            offset: range.lowerBound, length: range.count,
            message: "messages, '\(name){…}', are CEL, but not in the saga language's subset",
            fix: "write a map: {'name': value}", code: "not-in-subset")
    }

    private mutating func parseParentheses() throws(ExpressionIssue) -> Syntax {
        let start = current.range.lowerBound
        advance()
        var inner = try parseExpression()
        let end = try expect(.closeParenthesis)
        inner.range = start..<end
        return inner
    }

    private mutating func parseList() throws(ExpressionIssue) -> Syntax {
        let start = current.range.lowerBound
        advance()
        var elements: [Syntax] = []
        while current.kind != .mark(.closeBracket) {
            elements.append(try parseExpression())
            if !take(.comma) { break }
        }
        let end = try expect(.closeBracket)
        return try node(.list(elements), start..<end)
    }

    private mutating func parseMap() throws(ExpressionIssue) -> Syntax {
        let start = current.range.lowerBound
        advance()
        var entries: [Syntax.Entry] = []
        while current.kind != .mark(.closeBrace) {
            let key = try parseExpression()
            _ = try expect(.colon)
            entries.append(Syntax.Entry(key: key, value: try parseExpression()))
            if !take(.comma) { break }
        }
        let end = try expect(.closeBrace)
        return try node(.map(entries), start..<end)
    }

    private mutating func parseArguments() throws(ExpressionIssue) -> ([Syntax], end: Int) {
        advance()
        var arguments: [Syntax] = []
        if current.kind != .mark(.closeParenthesis) {
            repeat { arguments.append(try parseExpression()) } while take(.comma)
        }
        return (arguments, try expect(.closeParenthesis))
    }

    /// Members, indices and calls that follow an operand.
    mutating func parseSuffixes(of operand: Syntax) throws(ExpressionIssue) -> Syntax {
        var syntax = operand
        while true {
            if take(.dot) {
                syntax = try parseMember(of: syntax)
            } else if take(.openBracket) {
                let index = try parseExpression()
                let end = try expect(.closeBracket)
                syntax = try node(.index(syntax, index), syntax.range.lowerBound..<end)
            } else {
                return syntax
            }
        }
    }

    private mutating func parseMember(of operand: Syntax) throws(ExpressionIssue) -> Syntax {
        let token = current
        switch token.kind {
        case .name(let text):
            advance()
            let name = Syntax.Name(text: text, range: token.range)
            let start = operand.range.lowerBound
            if current.kind == .mark(.openParenthesis) {
                let (arguments, end) = try parseArguments()
                return try node(.call(receiver: operand, name, arguments), start..<end)
            }
            if current.kind == .mark(.openBrace) { throw message(text, token.range) }
            return try node(.member(operand, name), start..<token.range.upperBound)
        case .quotedName(let text):
            advance()
            let name = Syntax.Name(text: text, range: token.range)
            return try node(
                .member(operand, name), operand.range.lowerBound..<token.range.upperBound)
        case .keyword(let word):
            var issue = unexpected("a member's name")
            issue.fix = "write ['\(word.rawValue)'] for the member of that name"
            throw issue
        case .mark(.question):
            throw ExpressionIssue(
                offset: token.range.lowerBound, length: 1,
                message: "optional members, '.?', are CEL, but not in the saga language's subset",
                fix: "guard the member with has()", code: "not-in-subset")
        case .whole, .double, .string, .mark, .end: throw unexpected("a member's name")
        }
    }
}
