/// What the passing of time leads to.
extension Course {
    mutating func wake(unconsumed: Set<CommandID>) throws(NotTaken) {
        var hasActed = strikeDeadline()
        for id in state.open.map(\.id) {
            guard let command = state.open.first(where: { $0.id == id }) else { continue }
            if actOnDue(command) {
                hasActed = true
            } else if isToResend(command, unconsumed) {
                resend(command)
                hasActed = true
            }
        }
        if actOnDueWaits() { hasActed = true }
        guard hasActed else { throw .ignored("nothing is due yet") }
    }

    /// Sends every command in flight again, since nobody here knows what was sent.
    mutating func takeOver() throws(NotTaken) {
        var hasActed = strikeDeadline()
        for id in state.open.map(\.id) {
            guard let command = state.open.first(where: { $0.id == id }) else { continue }
            if actOnDue(command) {
                hasActed = true
            } else if command.phase == .inFlight {
                // Daemons that come and go say nothing of the participant: the wait begins anew, and
                // the next one that takes over sends it again as well.
                resend(command, after: circumstances.resend.wait(after: 0))
                hasActed = true
            }
        }
        if actOnDueWaits() { hasActed = true }
        guard hasActed else { throw .ignored("no command is in flight") }
    }

    /// Acts on what is due of questions, awaited events and timers; answers whether anything was.
    private mutating func actOnDueWaits() -> Bool {
        var hasActed = false
        for wait in state.waits where wait.dueTimes.contains(where: { $0 <= now }) {
            guard state.waits.contains(wait) else { continue }
            if actOnDue(wait) { hasActed = true }
        }
        return hasActed
    }

    private mutating func strikeDeadline() -> Bool {
        guard let deadline = state.deadline, deadline <= now, state.canMissDeadline else {
            return false
        }
        missDeadline(deadline)
        return true
    }

    mutating func missDeadline(_ deadline: Instant) {
        fail(Failure(kind: .deadline, message: "the deadline of \(deadline) passed"))
    }

    /// Acts on what is due of a command; answers whether anything was.
    private mutating func actOnDue(_ command: OpenCommand) -> Bool {
        guard let dueAt = command.dueAt, dueAt <= now else { return false }
        if command.child != nil {
            timeOut(child: command)
            return true
        }
        switch (command.kind, command.phase) {
        case (.probe, _): askAgain(command)
        case (.command, .inFlight), (.compensation, .inFlight):
            endAttempt(of: command, .timeout)
        case (.command, .waiting), (.compensation, .waiting): sendNextAttempt(of: command)
        }
        return true
    }

    /// A child that takes too long is cancelled; its end says what became of it.
    private mutating func timeOut(child command: OpenCommand) {
        record(.attemptFailed(command.id, command.path, attempt: command.attempt, .timeout))
        cancel(child: command)
    }

    private mutating func sendNextAttempt(of command: OpenCommand) {
        let step = step(command.path).step
        let timeout: Duration? =
            switch command.kind {
            case .command, .probe: step.timeout
            case .compensation: step.compensation?.timeout ?? step.timeout
            }
        record(
            .attemptSent(
                command.id, attempt: command.attempt + 1, at: now,
                dueAt: now + (timeout ?? .seconds(30)),
                resendAt: now + circumstances.resend.wait(after: 0)))
        send(command.id)
    }

    private func isToResend(_ command: OpenCommand, _ unconsumed: Set<CommandID>) -> Bool {
        command.phase == .inFlight && command.resendAt <= now && !unconsumed.contains(command.id)
    }

    /// Sends a command again, and once more after that wait; nil is that of its number.
    private mutating func resend(_ command: OpenCommand, after wait: Duration? = nil) {
        let resend = command.resend + 1
        let resendAt = now + (wait ?? circumstances.resend.wait(after: resend))
        record(.resent(command.id, resend: resend, resendAt: resendAt))
        send(command.id)
    }
}
