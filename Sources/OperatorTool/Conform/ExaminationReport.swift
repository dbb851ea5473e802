import SagaCore

/// What an examination says, for people and for programs.
struct ExaminationReport {
    /// What was asked.
    var step: ExaminedStep
    /// What was seen, rule by rule.
    var findings: [Finding]

    /// Whether no rule was seen broken.
    var isClean: Bool { broken == 0 }

    private var kept: Int { findings.count { $0.verdict == .kept } }
    private var untried: Int { findings.count { $0.word == "not tried" } }
    private var broken: Int { findings.count - kept - untried }

    /// A table, with what was expected and found below what is broken.
    var text: String {
        let rows = findings.map { finding -> [String] in
            let reason =
                if case .notTried(let reason) = finding.verdict { reason } else { "" }
            return [finding.word, String(finding.rule.number), finding.rule.words, reason]
        }
        var text = "The participant of \(step.subjects.joined(separator: ", "))\n\n"
        for (line, finding) in zip(
            Columns.text(rows, indent: "  ").split(separator: "\n"), findings)
        {
            text += line + "\n"
            guard case .broken(let expected, let found) = finding.verdict else { continue }
            text += "      expected: \(expected)\n      found:    \(found)\n"
        }
        return text + "\n\(kept) kept, \(broken) broken, \(untried) not tried.\n"
    }

    /// The same as JSON.
    var json: Value {
        [
            "subjects": .list(step.subjects.map { .string($0) }),
            "rules": .list(findings.map(\.value)),
            "kept": Value(integerLiteral: Int64(kept)),
            "broken": Value(integerLiteral: Int64(broken)),
            "not_tried": Value(integerLiteral: Int64(untried)),
        ]
    }
}

extension Finding {
    /// The verdict in a word or two.
    fileprivate var word: String {
        switch verdict {
        case .kept: "kept"
        case .broken: "broken"
        case .notTried: "not tried"
        }
    }

    fileprivate var value: Value {
        var members = Members([
            ("rule", .string(rule.rawValue)),
            ("contract", Value(integerLiteral: Int64(rule.number))),
            ("says", .string(rule.words)),
        ])
        switch verdict {
        case .kept: members["verdict"] = "kept"
        case .broken(let expected, let found):
            members["verdict"] = "broken"
            members["expected"] = .string(expected)
            members["found"] = .string(found)
        case .notTried(let reason):
            members["verdict"] = "not_tried"
            members["reason"] = .string(reason)
        }
        return .map(members)
    }
}
