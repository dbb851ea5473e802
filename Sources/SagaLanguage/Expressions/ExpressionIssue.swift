/// What is wrong at one place of an expression.
package struct ExpressionIssue: Error, Hashable, Sendable {
    /// Code points from the start of the expression's text to the place.
    package var offset: Int
    /// How many code points the place covers; 0 at the end of the text.
    package var length: Int
    /// What is wrong, for people.
    package var message: String
    /// What to write instead, for people, where that is known.
    package var fix: String?
    /// A stable short name of the kind of issue, such as `unknown-variable`.
    package var code: String

    /// The issue at that place.
    package init(
        offset: Int, length: Int, message: String, fix: String? = nil, code: String
    ) {
        self.offset = offset
        self.length = length
        self.message = message
        self.fix = fix
        self.code = code
    }
}

/// Everything that is wrong with an expression, in the order of the places.
package struct ExpressionIssues: Error, Hashable, Sendable {
    /// The issues; at least one.
    package var issues: [ExpressionIssue]

    /// The issues given.
    package init(_ issues: [ExpressionIssue]) { self.issues = issues }
}
