/// Whom a step asks, and for what.
package enum Work: Equatable, Sendable {
    /// A participant is sent a command on `saga.command.` and that subject; a nil body sends the
    /// document.
    case command(subject: String, body: Template?)
    /// A person decides.
    case ask(Question)
    /// Nothing is sent: an event, or somebody's report, is awaited; what it is, in words.
    case await(String)
    /// A child saga runs.
    case child(Child)
}

/// What a person is asked.
package struct Question: Equatable, Sendable {
    /// The question, in a line.
    package var title: Template
    /// What is laid before those who decide; nil is nothing.
    package var show: Template?
    /// What they fill in; nil takes anything.
    package var form: Schema?
    /// Who may decide; nil is anybody.
    package var role: String?
    /// Expressions that name people who may not decide: text, or a list of texts.
    package var excluded: [Expression]
    /// How many different people must agree on a continuing outcome, from 1; the first rejecting
    /// one decides.
    package var quorum: Int
    /// How often they are reminded; nil is never.
    package var remind: Duration?
    /// Who else is asked when nobody answers; nil is nobody.
    package var escalation: Escalation?

    /// Who else is asked, and when.
    package struct Escalation: Hashable, Sendable {
        /// The time from asking until then.
        package var after: Duration
        /// Who may decide from then on, besides those who could before.
        package var role: String

        /// The escalation to that role after that time.
        package init(after: Duration, role: String) {
            self.after = after
            self.role = role
        }
    }

    /// A question with these parts.
    package init(
        title: Template, show: Template? = nil, form: Schema? = nil, role: String? = nil,
        excluded: [Expression] = [], quorum: Int = 1, remind: Duration? = nil,
        escalation: Escalation? = nil
    ) {
        self.title = title
        self.show = show
        self.form = form
        self.role = role
        self.excluded = excluded
        self.quorum = quorum
        self.remind = remind
        self.escalation = escalation
    }
}

/// A child saga; its outcomes are `completed`, which continues, and `compensated`, which rejects.
package struct Child: Equatable, Sendable {
    /// The child's definition, of which the newest version is taken when it starts.
    package var saga: String
    /// The child's input; nil sends the parent's document.
    package var body: Template?
    /// The child's key; nil derives a UUID from the parent's identity and the node's path.
    package var key: Template?

    /// A child of that definition.
    package init(saga: String, body: Template? = nil, key: Template? = nil) {
        self.saga = saga
        self.body = body
        self.key = key
    }
}
