import SagaCore
import SagaLanguage
import SagaRuntime

/// The file of `faults.file`: a list of rules in YAML or JSON.
enum FaultFile {
    /// Sets its rules; those that are kept as they stand there, and are not over, stay as they are:
    /// a rule that ends the process once does not end the next one, too. Where any is wrong none is
    /// set.
    ///
    /// - Throws: ``Exit`` with all that is wrong; ``StoreError``.
    static func set(_ path: String, on board: FaultBoard) async throws {
        let rules = try rules(of: path)
        let problems = rules.flatMap { rule in
            (board.problems(of: rule.value)?.violations ?? []).map { violation in
                "\(path):\(rule.place(of: violation.pointer)): error: \(violation)"
            }
        }
        if !problems.isEmpty { throw unusable(problems.joined(separator: "\n")) }
        try await board.refresh()
        let kept = board.entries.filter { $0.rule.map { $0.until > board.now } ?? false }
            .map { withoutEnd($0.document) }
        for rule in rules where !kept.contains(withoutEnd(rule.value)) {
            do {
                _ = try await board.set(rule.value, by: path)
            } catch let problem as TooManyFaults {
                throw unusable("\(path):\(rule.place(of: "")): error: \(problem.message)")
            }
        }
    }

    /// The rules of a file, as they stand there.
    private static func rules(of path: String) throws(Exit) -> [FaultDocument.Rule] {
        switch FaultDocument.rules(ofFile: path) {
        case .success(let rules): return rules
        case .failure(let unreadable): throw unusable(unreadable.message)
        }
    }

    private static func unusable(_ why: String) -> Exit {
        Exit(.usage, "faults.file cannot be used\n\(why)")
    }

    private static func withoutEnd(_ rule: Value) -> Value {
        guard case .map(var members) = rule else { return rule }
        members["until"] = nil
        members["for"] = nil
        return .map(members)
    }
}
