/// The rule that a diagnostic is about: a short name in kebab case that does not change.
///
/// Expressions bring names of their own, so this is open.
package struct DiagnosticCode: RawRepresentable, Hashable, Sendable {
    /// The name, such as `unknown-key`.
    package let rawValue: String

    /// The rule of that name.
    package init(rawValue: String) { self.rawValue = rawValue }
}

// What a file is.
extension DiagnosticCode {
    /// The file cannot be read.
    package static let unreadable = DiagnosticCode(rawValue: "unreadable-file")
    /// The file is over 1 MiB.
    package static let tooLarge = DiagnosticCode(rawValue: "file-too-large")
    /// The file has no document.
    package static let emptyFile = DiagnosticCode(rawValue: "empty-file")
    /// The file has several documents.
    package static let severalDocuments = DiagnosticCode(rawValue: "several-documents")
    /// More is wrong with the file than is shown.
    package static let tooMany = DiagnosticCode(rawValue: "too-many")
    /// The text is not YAML.
    package static let yamlSyntax = DiagnosticCode(rawValue: "yaml-syntax")
    /// YAML breaks off inside a `${…}`.
    package static let unquotedExpression = DiagnosticCode(rawValue: "unquoted-expression")
    /// Lists and mappings are nested too deep.
    package static let tooDeep = DiagnosticCode(rawValue: "too-deep")
    /// An alias is unknown, or stands for too much.
    package static let alias = DiagnosticCode(rawValue: "alias")
    /// A tag such as `!!str`.
    package static let tag = DiagnosticCode(rawValue: "tag")
    /// A name in a mapping is no text.
    package static let keyNotText = DiagnosticCode(rawValue: "key-not-text")
    /// A name stands twice in a mapping.
    package static let duplicateKey = DiagnosticCode(rawValue: "duplicate-key")
    /// A number that JSON does not have, or not exactly.
    package static let numberNotJSON = DiagnosticCode(rawValue: "number-not-json")
}

// What a key and its value are.
extension DiagnosticCode {
    /// A key that the language does not have here.
    package static let unknownKey = DiagnosticCode(rawValue: "unknown-key")
    /// A key that must be written is not.
    package static let missingKey = DiagnosticCode(rawValue: "missing-key")
    /// A key that this kind of node does not have, and another has.
    package static let keyNotHere = DiagnosticCode(rawValue: "key-not-here")
    /// A value of another type than the key takes.
    package static let wrongType = DiagnosticCode(rawValue: "wrong-type")
    /// A number outside its range.
    package static let outOfRange = DiagnosticCode(rawValue: "out-of-range")
    /// A word that is none of those to choose from.
    package static let unknownWord = DiagnosticCode(rawValue: "unknown-word")
    /// A text that is no duration.
    package static let badDuration = DiagnosticCode(rawValue: "bad-duration")
    /// A name with characters that it must not have.
    package static let badName = DiagnosticCode(rawValue: "bad-name")
    /// A stream that belongs to the daemon.
    package static let reservedName = DiagnosticCode(rawValue: "reserved-name")
    /// An intake path that cannot be a route.
    package static let badPath = DiagnosticCode(rawValue: "bad-path")
    /// A name that another step has.
    package static let duplicateName = DiagnosticCode(rawValue: "duplicate-name")
    /// Keys that exclude each other.
    package static let conflictingKeys = DiagnosticCode(rawValue: "conflicting-keys")
    /// A JSON Schema that is wrong or outside the subset.
    package static let badSchema = DiagnosticCode(rawValue: "bad-schema")
    /// A constant where an expression must stand.
    package static let notAnExpression = DiagnosticCode(rawValue: "not-an-expression")
}

// What the definition as a whole must keep.
extension DiagnosticCode {
    /// Nothing says how a step is taken back.
    package static let missingCompensation = DiagnosticCode(rawValue: "missing-compensation")
    /// Something turns the saga round after its pivot.
    package static let rejectAfterPivot = DiagnosticCode(rawValue: "reject-after-pivot")
    /// A step after the pivot would be compensated.
    package static let compensateAfterPivot = DiagnosticCode(rawValue: "compensate-after-pivot")
    /// A second pivot.
    package static let secondPivot = DiagnosticCode(rawValue: "second-pivot")
    /// The pivot may be skipped or given up.
    package static let pivotNotCertain = DiagnosticCode(rawValue: "pivot-not-certain")
    /// The pivot does not say what happens when nobody knows whether it was done.
    package static let pivotUnknown = DiagnosticCode(rawValue: "pivot-unknown")
    /// Attempts without end that nothing bounds.
    package static let unboundedRetry = DiagnosticCode(rawValue: "unbounded-retry")
    /// A question or an awaited event that nothing ends.
    package static let endlessWait = DiagnosticCode(rawValue: "endless-wait")
    /// A question whose timeout means nothing.
    package static let missingTimeoutOutcome = DiagnosticCode(rawValue: "missing-timeout-outcome")
    /// A step without an outcome from which the saga goes on.
    package static let noContinuingOutcome = DiagnosticCode(rawValue: "no-continuing-outcome")
    /// An event without an aggregate.
    package static let eventWithoutAggregate = DiagnosticCode(rawValue: "event-without-aggregate")
    /// An event with two meanings.
    package static let ambiguousEvent = DiagnosticCode(rawValue: "ambiguous-event")
    /// A name and version that another file has.
    package static let duplicateDefinition = DiagnosticCode(rawValue: "duplicate-definition")
    /// An intake path that another definition has.
    package static let duplicatePath = DiagnosticCode(rawValue: "duplicate-path")
    /// A name in `sagas.active` that no file defines.
    package static let unknownSaga = DiagnosticCode(rawValue: "unknown-saga")
    /// A child saga that no file defines.
    package static let unknownChild = DiagnosticCode(rawValue: "unknown-child")
    /// A child saga that starts itself by way of its children.
    package static let childReachesItself = DiagnosticCode(rawValue: "child-reaches-itself")
    /// A child saga with a pivot that is not its parent's.
    package static let childWithPivot = DiagnosticCode(rawValue: "child-with-pivot")
    /// A child saga that is not looked at where one file is loaded alone.
    package static let childNotChecked = DiagnosticCode(rawValue: "child-not-checked")
}
