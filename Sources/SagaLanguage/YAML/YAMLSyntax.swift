/// What libyaml could not read, as a diagnostic; a break inside `${…}` is recognised as such.
func syntaxDiagnostic(_ problem: YAMLProblem, in source: SourceText) -> Diagnostic {
    if let cut = cutExpression(at: problem, in: source) { return cut }
    var message = "the YAML is broken: \(problem.problem)"
    if let begin = problem.contextMark {
        message += " \(problem.context)"
        if begin != problem.mark { message += " that began at \(begin.line):\(begin.column)" }
    }
    var list = DiagnosticList(source)
    let line = source.scalars(line: problem.mark.line).dropFirst(problem.mark.column - 1)
    list.error(
        .yamlSyntax, at: YAMLSpan(problem.mark, length: 1), message,
        fix: line.first == "\t" ? "indent with spaces" : remedy(problem.problem))
    return list.sorted[0]
}

private func remedy(_ problem: String) -> String? {
    if problem.contains("mapping values are not allowed") {
        return "put text that contains `: ` into quotes, or check the indentation"
    }
    if problem.contains("cannot start any token") {
        return "put text that begins with `@`, `` ` `` or `%` into quotes"
    }
    if problem.contains("control characters are not allowed") {
        return "write the character as an escape in double quotes, such as \"\\u0007\""
    }
    return nil
}

/// The diagnostic for a break that lies between a `${` and its `}`, or nil.
private func cutExpression(at problem: YAMLProblem, in source: SourceText) -> Diagnostic? {
    let lines = [problem.mark.line, problem.contextMark?.line].compactMap { $0 }
    for line in lines {
        let scalars = source.scalars(line: line)
        let limit = line == problem.mark.line ? problem.mark.column : scalars.count + 1
        guard let opening = lastOpening(in: scalars, before: limit) else { continue }
        let closing = closingBrace(in: scalars, from: opening + 2)
        if let closing, closing + 1 < limit { continue }
        let quote = openQuote(in: scalars, at: opening)
        let end = closing ?? scalars.count - 1
        var list = DiagnosticList(source)
        list.error(
            .unquotedExpression,
            at: YAMLSpan(YAMLMark(line: line, column: opening + 1), length: end - opening + 1),
            quote == nil
                ? "YAML reads this `${…}` as its own punctuation"
                : "a quote inside this `${…}` ends the quoted value",
            fix: quoting(scalars[opening...end], closes: closing != nil, in: quote))
        return list.sorted[0]
    }
    return nil
}

private func quoting(
    _ expression: ArraySlice<Unicode.Scalar>, closes: Bool, in quote: Unicode.Scalar?
) -> String {
    if let quote {
        let other: Unicode.Scalar = quote == "\"" ? "'" : "\""
        return "inside \(quote) write the expression's own texts in \(other)"
    }
    guard closes else { return "put the whole value into quotes" }
    var text = String.UnicodeScalarView()
    text.append(contentsOf: expression)
    if !text.contains("'") { return "quote it: '\(String(text))'" }
    if !text.contains("\"") && !text.contains("\\") { return "quote it: \"\(String(text))\"" }
    return "put the whole value into quotes"
}

/// The offset of the last `${` that begins before a column.
private func lastOpening(in scalars: [Unicode.Scalar], before column: Int) -> Int? {
    let end = min(scalars.count - 1, column)
    guard end > 0 else { return nil }
    return (0..<end).last { scalars[$0] == "$" && scalars[$0 + 1] == "{" }
}

/// The offset of the `}` that closes an expression, texts in quotes and inner braces skipped.
func closingBrace(in scalars: [Unicode.Scalar], from start: Int) -> Int? {
    var depth = 0
    var quote: Unicode.Scalar?
    var place = start
    while place < scalars.count {
        let scalar = scalars[place]
        if let open = quote {
            if scalar == "\\" { place += 1 } else if scalar == open { quote = nil }
        } else if scalar == "\"" || scalar == "'" {
            quote = scalar
        } else if scalar == "{" {
            depth += 1
        } else if scalar == "}" {
            if depth == 0 { return place }
            depth -= 1
        }
        place += 1
    }
    return nil
}

/// The quote that is open at an offset of a line, or nil.
private func openQuote(in scalars: [Unicode.Scalar], at offset: Int) -> Unicode.Scalar? {
    var quote: Unicode.Scalar?
    for scalar in scalars[..<offset] where scalar == "\"" || scalar == "'" {
        if quote == nil { quote = scalar } else if quote == scalar { quote = nil }
    }
    return quote
}
