import SagaCheck
import SagaCore

/// The rules in turn, group by group.
extension Examination {
    mutating func tryErrors() async throws {
        try await judge(.retriable) { try await $0.actsAfresh() }
        try await judge(.finalError) { try await $0.repeats(try await $0.failed()) }
    }

    /// Tries the rules of compensations; answers a command that was done and taken back.
    mutating func tryCompensations() async throws -> AskedCommand? {
        guard let subject = player.step.compensation else {
            for rule in ContractRule.allCases where rule.number == 2 {
                skip(rule, "give --compensation")
            }
            return nil
        }
        let undone = try await judge(.compensation) { player in
            let done = try await player.done().command
            let undoing = player.about(done, .compensation, on: subject)
            try await player.undo(undoing)
            return (command: done, by: undoing)
        }
        if let undone {
            try await judge(.secondCompensation) {
                var again = undone.by
                again.resend += 1
                try await $0.undo(again)
                try await $0.undo($0.about(undone.command, .compensation, on: subject))
            }
            try await judge(.lateCommand) { try await $0.isRefused(undone.command) }
        } else {
            skip(.secondCompensation, "the first is not answered done")
            skip(.lateCommand, "the compensation is not answered done")
        }
        try await tryEarlyCompensation(subject)
        return undone?.command
    }

    private mutating func tryEarlyCompensation(_ subject: String) async throws {
        let never = player.command()
        let isUndone: Void? = try await judge(.earlyCompensation) {
            try await $0.undo($0.about(never, .compensation, on: subject))
        }
        guard isUndone != nil else {
            return skip(.commandAfterEarlyCompensation, "the compensation is not answered done")
        }
        try await judge(.commandAfterEarlyCompensation) { try await $0.isRefused(never) }
    }

    mutating func tryProbes(of done: CasePlayer.Answered, _ undone: AskedCommand?) async throws {
        guard let subject = player.step.probe else {
            for rule in ContractRule.allCases where rule.number == 4 { skip(rule, "give --probe") }
            return
        }
        try await tryProbeOfNothing(subject)
        try await judge(.probeDone) {
            var probe = $0.about(done.command, .probe, on: subject)
            for _ in 1...2 {
                try await $0.expectSame(probe, as: done)
                probe.resend += 1
            }
        }
        if let undone {
            try await judge(.probeCompensated) {
                try await $0.expectNever($0.about(undone, .probe, on: subject))
            }
        } else {
            skip(.probeCompensated, "nothing was taken back")
        }
        try await judge(.probeFinalError) {
            try await $0.expectNever(
                $0.about(try await $0.failed().command, .probe, on: subject))
        }
        try await judge(.probeRetriable) {
            _ = try await $0.saysNotDone(
                $0.about(try await $0.failedForNow(), .probe, on: subject))
        }
    }

    private mutating func tryProbeOfNothing(_ subject: String) async throws {
        let unknown = player.command()
        let said = try await judge(.probeUnknown) {
            try await $0.saysNotDone($0.about(unknown, .probe, on: subject))
        }
        switch said {
        case "never":
            try await judge(.commandAfterNever) { try await $0.isRefused(unknown) }
        case let said?: skip(.commandAfterNever, "the probe says \(said)")
        case nil: skip(.commandAfterNever, "the probe does not say never")
        }
    }

    mutating func tryRestart(_ done: CasePlayer.Answered, _ undone: AskedCommand?) async throws {
        guard let restart else {
            for rule in [ContractRule.restartAnswer, .restartRefusal, .restartOwed] {
                skip(rule, "give --restart")
            }
            return
        }
        let owed = (0..<CasePlayer.owed).map { _ in player.command() }
        try await player.wire.send(owed)
        try await restart.perform()
        try await judge(.restartOwed) { try await $0.areAnswered(owed) }
        try await judge(.restartAnswer) {
            var again = done.command
            again.attempt += 2
            again.resend = 0
            try await $0.expectSame(again, as: done)
        }
        guard let undone else { return skip(.restartRefusal, "nothing was taken back") }
        try await judge(.restartRefusal) {
            var late = undone
            late.attempt += 1
            try await $0.isRefused(late)
        }
    }
}
