internal import SagaCore

// `ask`.
extension DefinitionReader {
    mutating func readAskStep(_ fields: Fields, _ index: Int) -> Step {
        let question = readQuestion(fields, index)
        var step = readStep(fields, index, .ask(question))
        outline.nodes[index].resultType = resultType(of: question, fields)
        step.outcomes = readOutcomes(fields, index)
        step.compensation = readCompensation(fields, index)
        checkEnds(fields, index, "nobody may ever answer")
        checkTimeoutOutcome(fields)
        checkSilence(fields)
        return step
    }

    /// Silence never approves: what a timeout means is an outcome that the file names.
    private mutating func checkSilence(_ fields: Fields) {
        guard let timeout = fields["timeout"], fields["outcomes"]?.value["timeout"] == nil else {
            return
        }
        diagnostics.error(
            .missingTimeoutOutcome, at: timeout.nameSpan,
            "the question has a `timeout`, and no outcome says what silence means",
            fix: "add `timeout: {then: reject}` to its `outcomes`, or let it continue")
    }

    private mutating func readQuestion(_ step: Fields, _ index: Int) -> Question {
        var question = Question(title: .literal(.string("")))
        guard let member = step["ask"], let fields = fields(of: member, .question) else {
            return question
        }
        let context = context(of: .forward(index))
        question.title = templateText(fields, "title", in: context) ?? question.title
        question.show = fields["show"].flatMap { template(of: $0.value, in: context) }?.template
        question.form = readForm(fields)
        question.role = name(fields, "role", .role)
        question.excluded = readExcluded(fields, in: context)
        question.quorum = whole(fields, "quorum") ?? 1
        let timeout = step["timeout"].flatMap { $0.value.scalar }
            .flatMap { try? DurationText.parse($0.text).get() }
        question.remind = duration(fields, "remind")
        checkBefore(timeout, question.remind, fields["remind"])
        if let member = fields["escalate"] {
            question.escalation = readEscalation(member, timeout)
        }
        return question
    }

    private mutating func readEscalation(
        _ member: YAMLMember, _ timeout: Duration?
    ) -> Question.Escalation? {
        guard let fields = fields(of: member, .escalation) else { return nil }
        let after = duration(fields, "after")
        let role = name(fields, "role", .role)
        checkBefore(timeout, after, fields["after"])
        guard let after, let role else { return nil }
        return Question.Escalation(after: after, role: role)
    }

    /// What happens while a question is open happens before its timeout, or never.
    private mutating func checkBefore(
        _ timeout: Duration?, _ duration: Duration?, _ member: YAMLMember?
    ) {
        guard let timeout, let duration, let member, duration >= timeout else { return }
        diagnostics.error(
            .outOfRange, at: member.place,
            "`\(member.name)` is \(DurationText.text(of: duration)), and the question is closed"
                + " by its timeout of \(DurationText.text(of: timeout)) before that",
            fix: "make it shorter than the timeout")
    }

    private mutating func readForm(_ fields: Fields) -> Schema? {
        guard let member = fields["form"], let form = readSchema(member) else { return nil }
        if !form.mayAcceptObjects {
            diagnostics.error(
                .badSchema, at: member.place,
                "what is filled in becomes members of the result, so the form must accept an"
                    + " object",
                fix: "write `type: object` at its top")
        }
        if case .map(let known, _) = form.expressionType, known["answers"] != nil {
            diagnostics.error(
                .badSchema, at: member.place,
                "the form's member `answers` would hide the answers of the result",
                fix: "give the member another name")
        }
        return form
    }

    private mutating func readExcluded(
        _ fields: Fields, in context: ExpressionContext
    ) -> [Expression] {
        guard let member = fields["not_by"] else { return [] }
        let written =
            member.value.elements?.map {
                YAMLMember(name: member.name, nameSpan: $0.firstPlace, value: $0)
            } ?? [member]
        var excluded: [Expression] = []
        for one in written {
            guard let compiled = expression(one, in: context) else { continue }
            if !compiled.type.mayBe(.string), !compiled.type.mayBe(.list(.any)) {
                diagnostics.error(
                    .wrongType, at: one.place,
                    "`not_by` must be a name or a list of names, is \(compiled.type.shown)")
            }
            excluded.append(compiled.expression)
        }
        return excluded
    }

    /// What is known of the answers; with a quorum of 1 the form's members stand beside them.
    private func resultType(of question: Question, _ fields: Fields) -> ExpressionType {
        let form = question.form?.expressionType ?? .anyMap
        let answer = ExpressionType.map(
            fields: [
                "by": .init(.string), "at": .init(.string), "outcome": .init(.string),
                "data": .init(form),
            ], isOpen: true)
        var members: [String: ExpressionType.Field] = [:]
        var isOpen = false
        if question.quorum == 1, case .map(let known, let isFormOpen) = form {
            members = known
            isOpen = isFormOpen
        }
        members["answers"] = .init(.list(answer))
        // After a timeout that goes on there is no answer.
        if fields["outcomes"]?.value["timeout"] != nil {
            members = members.mapValues { .init($0.type, isRequired: false) }
        }
        return .map(fields: members, isOpen: isOpen)
    }
}
