import Foundation
import SagaCheck
import SagaCore

/// Plays the participant's contract against a participant, case after case, and notes what is kept.
struct Examination {
    /// What plays a case.
    let player: CasePlayer
    /// Restarts the participant; nil where nobody said how.
    let restart: Restart?
    var findings: [Finding] = []

    /// Plays all cases that can be played.
    mutating func run() async throws {
        guard let done = try await judge(.answer, { try await $0.done() }) else {
            return skipRest("no command is answered with an outcome")
        }
        let raced = try await player.race()
        try await judge(.duplicate) { try await $0.repeats(done) }
        try await tryErrors()
        let undone = try await tryCompensations()
        try await tryProbes(of: done, undone)
        try await tryRestart(done, undone)
        try await judge(.concurrent) { try $0.hasOneAnswer(raced) }
        try await judge(.acknowledge) { try await $0.isAcknowledged() }
        findings.sort { $0.rule.place < $1.rule.place }
    }

    // MARK: Judging

    /// Notes whether the rule is kept; what came of playing it, where it is.
    @discardableResult
    mutating func judge<Value>(
        _ rule: ContractRule, _ play: (CasePlayer) async throws -> Value
    ) async throws -> Value? {
        do {
            let value = try await play(player)
            findings.append(Finding(rule: rule, verdict: .kept))
            return value
        } catch let broken as Broken {
            findings.append(
                Finding(
                    rule: rule,
                    verdict: .broken(expected: broken.expected, found: broken.found)))
        } catch let untried as Untried {
            skip(rule, untried.reason)
        }
        return nil
    }

    mutating func skip(_ rule: ContractRule, _ reason: String) {
        findings.append(Finding(rule: rule, verdict: .notTried(reason)))
    }

    private mutating func skipRest(_ reason: String) {
        for rule in ContractRule.allCases where !findings.contains(where: { $0.rule == rule }) {
            skip(rule, reason)
        }
    }
}

/// That a rule is broken.
struct Broken: Error {
    /// What the contract asks for.
    var expected: String
    /// What the participant did.
    var found: String

    init(_ expected: String, _ found: String) {
        self.expected = expected
        self.found = found
    }
}

/// That a rule cannot be tried.
struct Untried: Error {
    /// Why not.
    var reason: String
}

extension CasePlayer.Answered {
    /// The answer in words.
    var words: String { answer.words }
}

extension ContractRule {
    /// Its place in a report.
    var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
