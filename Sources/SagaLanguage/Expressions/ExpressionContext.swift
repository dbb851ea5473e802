/// What an expression may use at the place where it stands.
///
/// A new context has nothing; the loader adds what the place provides.
package struct ExpressionContext: Hashable, Sendable {
    /// The type of `input`, or nil where it is not in scope.
    package var input: ExpressionType?
    /// Whether `key` is in scope; a string.
    package var hasKey: Bool
    /// Whether `saga.id`, `saga.name` (strings) and `saga.version` (an int) are in scope.
    package var hasSaga: Bool
    /// Every step of the saga by its name, usable or not; nil where `steps` is not in scope.
    package var steps: [String: StepVisibility]?
    /// The type of `result`, or nil where no reply is at hand.
    package var result: ExpressionType?
    /// Whether `now` is in scope; a timestamp.
    package var hasNow: Bool
    /// Whether `failure` is in scope.
    package var hasFailure: Bool
    /// The names that enclosing `each` nodes bind: their `as` names, and `index` (an int).
    package var elements: [String: ExpressionType]
    /// Why a variable of the language is not in scope here, by its name, where the file's author
    /// should be told; such as "`failure` exists only once compensation began".
    package var reasons: [String: String]

    /// A context with these variables.
    package init(
        input: ExpressionType? = nil, hasKey: Bool = false, hasSaga: Bool = false,
        steps: [String: StepVisibility]? = nil, result: ExpressionType? = nil,
        hasNow: Bool = false, hasFailure: Bool = false,
        elements: [String: ExpressionType] = [:], reasons: [String: String] = [:]
    ) {
        self.input = input
        self.hasKey = hasKey
        self.hasSaga = hasSaga
        self.steps = steps
        self.result = result
        self.hasNow = hasNow
        self.hasFailure = hasFailure
        self.elements = elements
        self.reasons = reasons
    }

    /// What `failure` is; `step`, `outcome` and `code` are `null` where the failure has none.
    package static let failureType = ExpressionType.map(
        fields: [
            "step": .init(.any), "kind": .init(.string), "outcome": .init(.any),
            "code": .init(.any), "message": .init(.string), "data": .init(.any),
            "reason": .init(.string),
        ],
        isOpen: false)
}

/// What an expression may use of a step.
package struct StepVisibility: Hashable, Sendable {
    /// Whether `steps.NAME.outcome` may be used; a string.
    package var isOutcomeAvailable: Bool
    /// The type of `steps.NAME.result`, or nil where it may not be used.
    package var resultType: ExpressionType?
    /// The type of one element of `steps.NAME.results` after an `each`, or nil elsewhere.
    package var resultsType: ExpressionType?
    /// Whether the step may not have happened here, so that its use must be guarded by `has()`.
    package var isPossiblyMissing: Bool
    /// Why the step may be missing, for people; such as "`review` may be skipped by its `when`".
    package var missingBecause: String?
    /// Why the step cannot be used at all, for people; such as "`review` runs later".
    package var unusable: String?

    /// A step of which these parts may be used.
    package init(
        isOutcomeAvailable: Bool = true, resultType: ExpressionType? = .any,
        resultsType: ExpressionType? = nil, isPossiblyMissing: Bool = false,
        missingBecause: String? = nil, unusable: String? = nil
    ) {
        self.isOutcomeAvailable = isOutcomeAvailable
        self.resultType = resultType
        self.resultsType = resultsType
        self.isPossiblyMissing = isPossiblyMissing
        self.missingBecause = missingBecause
        self.unusable = unusable
    }
}
