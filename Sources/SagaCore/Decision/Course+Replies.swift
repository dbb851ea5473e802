/// What participants' replies lead to.
extension Course {
    mutating func take(_ reply: Reply) throws(NotTaken) {
        if let command = state.open.first(where: { $0.id == reply.commandID }) {
            switch command.kind {
            case .command: try answer(step: command, reply)
            case .compensation: try answer(compensation: command, reply)
            case .probe: try answer(probe: command, reply.answer)
            }
        } else if let former = state.formerCommand(reply.commandID) {
            switch former.kind {
            case .command: try takeLate(former, reply.answer)
            case .compensation: try takeLate(compensation: former, reply.answer)
            case .probe: try takeLate(probe: former, reply.answer)
            }
        } else {
            throw .refused(.unknownCommand(reply.commandID))
        }
    }

    private mutating func answer(step command: OpenCommand, _ reply: Reply) throws(NotTaken) {
        let place = step(command.path)
        switch reply.answer {
        case .outcome(let name, let result):
            settle(place, try outcome(name, of: place), result)
        case .error(let code, let message, let isRetriable):
            try checkAttempt(command, reply)
            if isRetriable {
                try checkIsTriedAgain(command)
                endAttempt(of: command, .error(code: code, message: message))
            } else {
                takeFinalError(of: place, code, message)
            }
        }
    }

    private mutating func takeFinalError(of place: PlacedStep, _ code: String, _ message: String) {
        record(.stepFailed(place.path, code: code, message: message))
        giveFinalNo(
            of: place, Failure(step: place.path, kind: .error, code: code, message: message))
    }

    private mutating func takeNever(of place: PlacedStep) {
        takeFinalError(of: place, "never", "the participant says that it never will be done")
    }

    /// An error counts once, and only for the attempt in flight.
    private func checkAttempt(_ command: OpenCommand, _ reply: Reply) throws(NotTaken) {
        guard command.phase == .inFlight, command.attempt == reply.attempt else {
            throw .ignored(
                "an error for attempt \(reply.attempt) of \(command.id), which is over")
        }
    }

    /// An order to a child saga has one attempt, which is repeated until it is answered.
    private func checkIsTriedAgain(_ command: OpenCommand) throws(NotTaken) {
        if command.child != nil {
            throw .ignored("the order to the child saga of \(command.path) is repeated anyway")
        }
    }

    func outcome(_ name: String, of place: PlacedStep) throws(NotTaken) -> Outcome {
        guard let outcome = place.outcome(name) else {
            throw .refused(
                .unknownOutcome(place.path, outcome: name, known: place.step.outcomes.map(\.name)))
        }
        return outcome
    }

    private mutating func answer(
        compensation command: OpenCommand, _ reply: Reply
    ) throws(NotTaken) {
        switch reply.answer {
        case .outcome("done", let result):
            finishCompensation(of: command.path, original: command.originalID, result)
        case .outcome(let name, _):
            record(
                .compensationStuck(
                    command.path, reason: "the participant answered '\(name)', not 'done'"))
        case .error(let code, let message, let isRetriable):
            try checkAttempt(command, reply)
            if isRetriable {
                try checkIsTriedAgain(command)
                endAttempt(of: command, .error(code: code, message: message))
            } else {
                record(
                    .compensationStuck(command.path, reason: "refused: \(code): \(message)"))
            }
        }
    }

    /// The compensation of that command of the step is done, or of all where it is nil.
    mutating func finishCompensation(
        of path: NodePath, original: CommandID?, _ result: Value
    ) {
        record(.stepCompensated(path, of: original))
        if state.steps[path]?.compensation == .done {
            raise(step(path).step.compensation?.event, at: path, result: result)
        }
    }

    private mutating func answer(
        probe command: OpenCommand, _ answer: Reply.Answer
    ) throws(NotTaken) {
        let place = step(command.path)
        switch answer {
        case .outcome("never", _): takeNever(of: place)
        case .outcome("pending", _): try waitForNews(command)
        case .outcome(let name, let result):
            settle(place, try outcome(name, of: place), result)
        case .error: try waitForNews(command)
        }
    }

    private mutating func waitForNews(_ command: OpenCommand) throws(NotTaken) {
        guard command.phase == .inFlight else {
            throw .ignored("probe \(command.id) was answered before")
        }
        keepAsking(command)
    }
}

// MARK: - Late replies

extension Course {
    private mutating func takeLate(
        _ former: FormerCommand, _ answer: Reply.Answer
    ) throws(NotTaken) {
        let place = step(former.path)
        guard let known = state.steps[former.path] else {
            preconditionFailure("A step whose command was sent has a state.")
        }
        if former.id != known.commandID, !(try settles(replaced: answer, place)) {
            return try takeLate(replaced: former.id, known, answer, of: place)
        }
        switch (known.phase, answer) {
        case (.running, .outcome(let name, let result)),
            (.probing, .outcome(let name, let result)),
            (.stuck, .outcome(let name, let result)):
            settle(place, try outcome(name, of: place), result)
        case (.probing, .error(let code, let message, false)) where former.id == known.commandID,
            (.stuck, .error(let code, let message, false))
        where former.id == known.commandID && !known.isUndone:
            takeFinalError(of: place, code, message)
        case (_, .error): throw .ignored("a late error of step \(place.path)")
        case (_, .outcome(let name, let result)):
            try takeLate(try outcome(name, of: place), result, of: place, former.id)
        }
    }

    /// Whether an answer to a replaced command says what became of the step: where there is
    /// nothing to take back, that it is done. A no says nothing about the command that replaced it.
    private func settles(
        replaced answer: Reply.Answer, _ place: PlacedStep
    ) throws(NotTaken) -> Bool {
        guard place.step.compensation == nil, case .outcome(let name, _) = answer else {
            return false
        }
        return try outcome(name, of: place).then == .continue
    }

    /// An answer to a command that an operator's retry replaced; its compensation began then.
    private mutating func takeLate(
        replaced id: CommandID, _ known: StepState, _ answer: Reply.Answer, of place: PlacedStep
    ) throws(NotTaken) {
        guard case .outcome(let name, let result) = answer,
            try outcome(name, of: place).then == .continue, !known.doubts.contains(id)
        else { throw .ignored("a late answer to a replaced command of step \(place.path)") }
        record(.lateReply(place.path, id, outcome: name, result: result, asksCompensation: true))
    }

    /// An outcome for a step that was settled or given up.
    mutating func takeLate(
        _ outcome: Outcome, _ result: Value, of place: PlacedStep, _ id: CommandID?
    ) throws(NotTaken) {
        let known = state.steps[place.path]
        if known?.outcome == outcome.name {
            throw .ignored("step \(place.path) has the outcome '\(outcome.name)' already")
        }
        let saysDone = outcome.then == .continue && known?.phase != .completed
        record(
            .lateReply(
                place.path, id, outcome: outcome.name, result: result,
                asksCompensation: saysDone && place.step.compensation != nil))
    }

    private mutating func takeLate(
        compensation former: FormerCommand, _ answer: Reply.Answer
    ) throws(NotTaken) {
        switch (state.steps[former.path]?.compensation, answer) {
        case (.stuck, .outcome("done", let result)):
            finishCompensation(of: former.path, original: former.originalID, result)
        case (_, _):
            throw .ignored("a late answer to a compensation of step \(former.path)")
        }
    }

    private mutating func takeLate(
        probe former: FormerCommand, _ answer: Reply.Answer
    ) throws(NotTaken) {
        switch answer {
        case .outcome("pending", _), .error:
            throw .ignored("a late answer to a probe of step \(former.path)")
        case .outcome("never", _):
            guard let known = state.steps[former.path], known.phase == .probing || known.isInDoubt,
                former.originalID == known.commandID
            else { throw .ignored("a late answer to a probe of step \(former.path)") }
            takeNever(of: step(former.path))
        case .outcome:
            let original = FormerCommand(
                id: former.originalID ?? former.id, path: former.path, kind: .command)
            try takeLate(original, answer)
        }
    }

    /// Opens the compensations that late replies and replaced commands ask for, in any state of
    /// the saga.
    mutating func compensateNews() {
        let asking = state.steps.lazy.filter(\.value.asksCompensation).map(\.key)
        for path in decider.outline.inFileOrder(Array(asking)) { compensate(path) }
    }
}
