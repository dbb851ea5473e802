import UnixSignals

/// The end of a run by a signal such as Ctrl-C.
package struct Interrupted: Error, Sendable, CustomStringConvertible {
    /// What came.
    package var description: String { "interrupted" }
    /// The exit status that says so.
    package var exitCode: Int32 { 130 }
}

/// Runs the body; a signal to stop cancels it, and what it has begun to take down is waited for.
///
/// - Throws: ``Interrupted`` after a signal, otherwise what the body throws.
package func untilInterrupted<Value: Sendable>(
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
    return try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            for await _ in signals { throw Interrupted() }
            return nil
        }
        defer { group.cancelAll() }
        while let result = await group.nextResult() {
            switch result {
            case .success(let value?): return value
            case .success(nil): continue
            case .failure(let error):
                group.cancelAll()
                await group.waitForAllIgnoringResults()
                throw error
            }
        }
        throw Interrupted()
    }
}

extension ThrowingTaskGroup {
    fileprivate mutating func waitForAllIgnoringResults() async {
        while await nextResult() != nil {}
    }
}
