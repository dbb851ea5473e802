import SagaCore
import Testing

@testable import SagaLanguage

/// A scope over a dictionary.
struct SampleNames: Scope {
    var values: [Variable: Value] = [:]

    func value(of variable: Variable) -> Value? { values[variable] }
}

/// Compiles a text, or records the issues as a failure.
func compileExpression(
    _ text: String, in context: ExpressionContext, expected: ExpressionType? = nil
) throws -> CompiledExpression {
    try ExpressionCompiler.compile(text, in: context, expected: expected).get()
}

/// The issues of a text, none where it compiles.
func expressionIssues(
    of text: String, in context: ExpressionContext, expected: ExpressionType? = nil
) -> [ExpressionIssue] {
    switch ExpressionCompiler.compile(text, in: context, expected: expected) {
    case .success: []
    case .failure(let failure): failure.issues
    }
}

/// A document of every kind of value, of which the checker knows nothing.
let sampleContext = ExpressionContext(input: .any, hasNow: true)

let sampleNames = SampleNames(values: [
    .input: [
        "one": .int(1), "two": .int(2), "zero": .int(0), "big": .int(.max), "least": .int(.min),
        "half": 0.5, "three": 3, "nothing": 0, "yes": true, "no": false, "nil": nil,
        "text": "abc", "empty": "", "emoji": "a😀é", "list": [1, 2, 3],
        "mixed": [1, "a", nil, true],
        "ints": .list([.int(1), .int(2)]), "none": [],
        "map": ["a": 1, "b": nil], "nested": ["deep": ["x": [["y": 7]]]],
        "items": [["price": 9.5, "count": 2], ["price": 1.25, "count": 4]],
    ],
    .now: .timestamp(Instant(microseconds: 1_000_000_000_000)),
])

/// The value of a text over the document of every kind.
func sampleValue(_ text: String) throws -> Value {
    try compileExpression(text, in: sampleContext).expression.evaluate(in: sampleNames)
}

/// A typed context such as the loader makes for a step of an order saga.
let orderContext = ExpressionContext(
    input: .map(
        fields: [
            "customer_id": .init(.string), "amount": .init(.double), "due": .init(.string),
            "note": .init(.string, isRequired: false), "open": .init(.anyMap),
            "order_items": .init(
                .list(
                    .map(
                        fields: [
                            "code": .init(.string), "unit_price": .init(.double),
                            "quantity": .init(.double),
                        ], isOpen: false))),
        ], isOpen: false),
    hasKey: true, hasSaga: true,
    steps: [
        "payment": StepVisibility(
            resultType: .map(fields: ["payment_id": .init(.string)], isOpen: false)),
        "my-step": StepVisibility(),
        "review": StepVisibility(
            isPossiblyMissing: true, missingBecause: "it may be skipped by its 'when'"),
        "ship": StepVisibility(unusable: "it runs later"),
        "pack": StepVisibility(isOutcomeAvailable: false, resultType: nil, resultsType: .double),
    ],
    hasNow: true,
    elements: ["item": .map(fields: ["code": .init(.string)], isOpen: false), "index": .int],
    reasons: ["failure": "'failure' exists only once compensation began"])
