/// What a check did not find as it should be.
///
/// The suites report by throwing it, so that any test runner can carry them.
package struct Expectation: Error, Sendable, CustomStringConvertible {
    /// What was expected and what was found.
    package let message: String
    /// The file of the check, such as `SagaTestKit/Commits.swift`.
    package let fileID: String
    /// The line in that file.
    package let line: Int

    /// The failure with its place.
    package init(_ message: String, fileID: String = #fileID, line: Int = #line) {
        self.message = message
        self.fileID = fileID
        self.line = line
    }

    /// The message and its place, in one line.
    package var description: String { "\(message) (\(fileID):\(line))" }
}

/// Something that a suite holds an adapter to.
package struct Check<Subject: Sendable>: Sendable, CustomStringConvertible {
    /// The promise, as a sentence about the adapter.
    package let name: String
    /// Throws ``Expectation`` where the promise is broken.
    package let body: @Sendable (Subject) async throws -> Void

    /// The promise of that name, kept where the body does not throw.
    package init(_ name: String, _ body: @escaping @Sendable (Subject) async throws -> Void) {
        self.name = name
        self.body = body
    }

    /// The promise.
    package var description: String { name }
}

func expect(
    _ condition: Bool, _ message: @autoclosure () -> String, fileID: String = #fileID,
    line: Int = #line
) throws {
    guard !condition else { return }
    throw Expectation(message(), fileID: fileID, line: line)
}

func expectEqual<Found: Equatable>(
    _ found: Found, _ expected: Found, _ what: String, fileID: String = #fileID, line: Int = #line
) throws {
    guard found != expected else { return }
    throw Expectation(
        "\(what): expected \(brief(expected)), found \(brief(found))", fileID: fileID, line: line)
}

/// Long values, such as batches of 256 rows, are cut so that the message stays readable.
private func brief(_ value: some Any) -> String {
    let text = String(describing: value)
    return text.count <= 600 ? text : text.prefix(600) + "…"
}

func required<Wrapped>(
    _ value: Wrapped?, _ what: String, fileID: String = #fileID, line: Int = #line
) throws -> Wrapped {
    guard let value else { throw Expectation("\(what): found nil", fileID: fileID, line: line) }
    return value
}
