/// What the saga waits for without sending anything: people, events, time.
extension Course {
    mutating func begin(
        _ wait: Wait, at path: NodePath, given: Value?
    ) throws(ExpressionError) {
        let dueAt = try time(of: wait, at: path, given: given)
        if dueAt <= now { return record(.passed(path)) }
        record(.waitOpened(OpenWait(path: path, kind: .timer, since: now, dueAt: dueAt)))
    }

    private func time(
        of wait: Wait, at path: NodePath, given: Value?
    ) throws(ExpressionError) -> Instant {
        switch (wait.end, given) {
        case (.after(let duration), nil): return now + duration
        case (.after, .some(let value)): return try instant(value)
        case (.at(let expression), _):
            switch given.map(Result.success) ?? decider.values(expression, scope(at: path)) {
            case .success(let value): return try instant(value)
            case .failure(let error): throw ExpressionError("until: \(error.message)")
            }
        }
    }

    private func instant(_ value: Value) throws(ExpressionError) -> Instant {
        if case .timestamp(let instant) = value { return instant }
        if let instant = value.text.flatMap({ Instant($0) }) { return instant }
        let found = value.text.map { "'\($0)'" } ?? value.kind
        throw ExpressionError(
            "until: expected a timestamp or RFC 3339 text, found \(found)")
    }

    mutating func awaitEvent(_ place: PlacedStep, _ what: String) {
        holdDeadline(for: place.step)
        record(
            .waitOpened(
                OpenWait(
                    path: place.path, kind: .event(what), since: now,
                    dueAt: place.step.timeout.map { now + $0 })))
    }

    mutating func ask(_ place: PlacedStep, _ question: Question) throws(ExpressionError) {
        let scope = scope(at: place.path)
        let open = OpenQuestion(
            title: try named("title") { () throws(ExpressionError) in
                try question.title.evaluate(in: scope).json.keyText
            },
            show: try named("show") { () throws(ExpressionError) in
                try question.show?.evaluate(in: scope).json
            },
            role: question.role, escalatesAt: question.escalation.map { now + $0.after },
            remindAt: question.remind.map { now + $0 },
            excluded: try named("not_by") { () throws(ExpressionError) in
                try excluded(by: question, scope)
            })
        record(
            .waitOpened(
                OpenWait(
                    path: place.path, kind: .question(open), since: now,
                    dueAt: place.step.timeout.map { now + $0 })))
    }

    private func excluded(
        by question: Question, _ scope: SagaScope
    ) throws(ExpressionError) -> [String] {
        var people: [String] = []
        for expression in question.excluded {
            let value = try expression.evaluate(in: scope)
            let names = value.elements ?? [value]
            for name in names {
                guard let text = name.text else {
                    throw ExpressionError(
                        "expected text or a list of texts, found \(name.kind)")
                }
                people.append(text)
            }
        }
        return people
    }
}

/// The value, or the error with the key at which it arose.
func named<Result>(
    _ key: String, _ value: () throws(ExpressionError) -> Result
) throws(ExpressionError) -> Result {
    do throws(ExpressionError) {
        return try value()
    } catch {
        throw ExpressionError("\(key): \(error.message)")
    }
}

// MARK: - Time

extension Course {
    /// Acts on what is due of a wait; answers whether anything was.
    mutating func actOnDue(_ wait: OpenWait) -> Bool {
        if let dueAt = wait.dueAt, dueAt <= now {
            timeOut(wait)
            return true
        }
        guard let open = wait.question, case .ask(let question) = step(wait.path).step.work
        else { return false }
        var hasActed = false
        if let escalation = question.escalation, let at = open.escalatesAt, at <= now {
            record(.escalated(wait.path, role: escalation.role))
            hasActed = true
        }
        if let interval = question.remind, let at = open.remindAt, at <= now {
            record(.reminded(wait.path, nextAt: now + interval))
            hasActed = true
        }
        return hasActed
    }

    private mutating func timeOut(_ wait: OpenWait) {
        switch wait.kind {
        case .timer: record(.passed(wait.path))
        case .question(let question): timeOut(question, of: step(wait.path))
        case .event: timeOutAwaited(step(wait.path))
        }
    }

    /// Silence never approves: what it leads to, the file says.
    private mutating func timeOut(_ question: OpenQuestion, of place: PlacedStep) {
        if let outcome = place.outcome("timeout") {
            return settle(place, outcome, question.result, because: .timeout)
        }
        let message = AttemptFailure.timeout.words
        record(.stepFailed(place.path, code: "timeout", message: message))
        giveFinalNo(
            of: place,
            Failure(step: place.path, kind: .timeout, code: "timeout", message: message))
    }

    /// What is awaited may have happened unseen.
    private mutating func timeOutAwaited(_ place: PlacedStep) {
        let reason = AttemptFailure.timeout.words
        if let outcome = place.outcome("timeout") { return takeTimeout(as: outcome, of: place) }
        switch place.step.unknown {
        case .compensate: giveUp(place, reason, .timeout)
        case .stuck, .probe: record(.stepStuck(place.path, reason: reason))
        }
    }
}

// MARK: - Turning round

extension Course {
    /// A question or a timer is closed, and nothing was done; an awaited event may have happened.
    mutating func close(_ wait: OpenWait) {
        let reason = "the saga turned round"
        switch wait.kind {
        case .timer, .question: record(.waitClosed(wait.path, reason: reason))
        case .event: record(.stepGivenUp(wait.path, reason: reason))
        }
    }
}

extension OpenQuestion {
    /// What the question's step has as its result: the answers so far.
    var result: Value { .map(Members([("answers", .list(answers.map(\.value)))])) }
}
