import SagaCore
import SagaLanguage
import SagaRuntime

/// The file of `faults.file`: a list of rules in YAML or JSON.
enum FaultFile {
    /// Sets its rules; those that are kept as they stand there, and are not over, stay as they are:
    /// a rule that ends the process once does not end the next one, too.
    ///
    /// - Throws: ``Exit`` with all that is wrong; ``StoreError``.
    static func set(_ path: String, on board: FaultBoard) async throws {
        let rules = try rules(of: path)
        try await board.refresh()
        let kept = board.entries.filter { $0.rule.map { $0.until > board.now } ?? false }
            .map { withoutEnd($0.document) }
        var problems: [String] = []
        for (number, rule) in rules.enumerated() where !kept.contains(withoutEnd(rule)) {
            do {
                _ = try await board.set(rule, by: path)
            } catch let problem as UnusableFault {
                problems += problem.violations.map { "\(path): rule \(number + 1): \($0)" }
            } catch let problem as TooManyFaults {
                problems.append("\(path): rule \(number + 1): \(problem.message)")
            }
        }
        guard problems.isEmpty else {
            throw Exit(
                .usage, "faults.file cannot be used\n\(problems.joined(separator: "\n"))")
        }
    }

    /// The rules of a file, as they stand there.
    private static func rules(of path: String) throws(Exit) -> [Value] {
        switch FaultDocument.rules(ofFile: path) {
        case .success(let rules): return rules
        case .failure(let unreadable):
            throw Exit(.usage, "faults.file cannot be used: \(unreadable.message)")
        }
    }

    private static func withoutEnd(_ rule: Value) -> Value {
        guard case .map(var members) = rule else { return rule }
        members["until"] = nil
        members["for"] = nil
        return .map(members)
    }
}
