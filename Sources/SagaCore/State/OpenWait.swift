/// Something that the saga waits for without having sent anything.
package struct OpenWait: Equatable, Sendable {
    /// The node that waits.
    package var path: NodePath
    /// What is waited for.
    package var kind: Kind
    /// When the wait began.
    package var since: Instant
    /// When it ends without anybody's doing; nil is never.
    package var dueAt: Instant?

    /// What is waited for.
    package enum Kind: Equatable, Sendable {
        /// Time.
        case timer
        /// An event, or somebody's report of an outcome; what it is, in words.
        case event(String)
        /// People's answers.
        case question(OpenQuestion)
    }

    /// A wait with these parts.
    package init(path: NodePath, kind: Kind, since: Instant, dueAt: Instant?) {
        self.path = path
        self.kind = kind
        self.since = since
        self.dueAt = dueAt
    }

    /// The question, or nil where something else is waited for.
    package var question: OpenQuestion? {
        switch kind {
        case .timer, .event: nil
        case .question(let question): question
        }
    }

    /// The times at which something falls due.
    var dueTimes: [Instant] {
        guard let question else { return dueAt.map { [$0] } ?? [] }
        return [dueAt, question.remindAt, question.escalatesAt].compactMap { $0 }
    }
}

/// A question that people have not decided yet: a human task.
package struct OpenQuestion: Equatable, Sendable {
    /// The question, in a line.
    package var title: String
    /// What is laid before those who decide, JSON kinds only; nil is nothing.
    package var show: Value?
    /// Who may decide; nil is anybody.
    package var role: String?
    /// Who may decide besides, since nobody did in time; nil before that.
    package var escalatedTo: String?
    /// When others are asked besides; nil is never, or they are already.
    package var escalatesAt: Instant?
    /// When those who may decide are reminded next; nil is never.
    package var remindAt: Instant?
    /// The people who may not decide.
    package var excluded: [String]
    /// The answers so far, in the order in which they came, each from another person.
    package var answers: [Answer]

    /// One person's answer.
    package struct Answer: Hashable, Sendable {
        /// Who answered.
        package var by: String
        /// When.
        package var at: Instant
        /// The outcome that they are for.
        package var outcome: String
        /// What they filled in, JSON kinds only.
        package var data: Value

        /// The answer of that person at that time.
        package init(by: String, at: Instant, outcome: String, data: Value) {
            self.by = by
            self.at = at
            self.outcome = outcome
            self.data = data
        }

        /// The answer as expressions see it: `{by, at, outcome, data}`.
        package var value: Value {
            .map(
                Members([
                    ("by", .string(by)), ("at", .string(at.description)),
                    ("outcome", .string(outcome)), ("data", data),
                ]))
        }
    }

    /// A question that nobody has answered yet.
    package init(
        title: String, show: Value? = nil, role: String? = nil, escalatesAt: Instant? = nil,
        remindAt: Instant? = nil, excluded: [String] = []
    ) {
        self.title = title
        self.show = show
        self.role = role
        escalatedTo = nil
        self.escalatesAt = escalatesAt
        self.remindAt = remindAt
        self.excluded = excluded
        answers = []
    }
}
