/// The rules: what a saga of one definition makes of an input.
///
/// A pure function of the saga's state, the input and the circumstances, after Chassaing's decider:
/// the same arguments always give the same verdict.
package struct Decider: Sendable {
    /// Answers a condition; the model checker supplies its own.
    package typealias Conditions =
        @Sendable (Expression, SagaScope) -> Result<Bool, ExpressionError>
    /// Gives the list of an `each` or the time of an `until`; the model checker supplies its own.
    package typealias Values =
        @Sendable (Expression, SagaScope) -> Result<Value, ExpressionError>

    /// The definition whose sagas are decided.
    package let definition: SagaDefinition
    let conditions: Conditions
    let values: Values
    let outline: Outline

    /// The rules of that definition; costs a walk through its nodes, so keep it for many decisions.
    package init(
        _ definition: SagaDefinition, conditions: @escaping Conditions = Self.evaluate,
        values: @escaping Values = Self.value
    ) {
        self.definition = definition
        self.conditions = conditions
        self.values = values
        outline = Outline(of: definition)
    }

    /// Evaluates a condition as the expression language says.
    package static let evaluate: Conditions = { expression, scope in
        do throws(ExpressionError) {
            let value = try expression.evaluate(in: scope)
            guard let truth = value.truth else {
                return .failure(ExpressionError("expected true or false"))
            }
            return .success(truth)
        } catch {
            return .failure(error)
        }
    }

    /// Evaluates an expression as the expression language says.
    package static let value: Values = { expression, scope in
        do throws(ExpressionError) {
            return .success(try expression.evaluate(in: scope))
        } catch {
            return .failure(error)
        }
    }

    /// The first decision of a saga.
    ///
    /// - Parameters:
    ///   - body: the input as posted; a map where the definition has an intake.
    ///   - id: the new saga's identity.
    ///   - freshKey: the key where the definition does not compute one; a child's in any case.
    ///   - parent: whose child the saga is; nil where it stands for itself.
    ///   - cancellation: what turns the saga round before it sends anything; nil lets it go on.
    ///   - early: what its aggregate had before; nil where nobody could know the key.
    package func start(
        _ body: Value, id: SagaID, freshKey: String, parent: ParentLink? = nil,
        cancellation: OperatorAction? = nil, early: EarlyEvents? = nil,
        at circumstances: Circumstances
    ) -> Result<Decision, Refusal> {
        if let refusal = refusal(of: body) { return .failure(refusal) }
        return begin(
            body, id: id, freshKey: freshKey, parent: parent, cancellation: cancellation,
            early: early, at: circumstances)
    }

    /// What is wrong with a posted input by the schema alone; nil where nothing is.
    package func refusal(of body: Value) -> Refusal? {
        let violations =
            (definition.intake?.schema ?? definition.inputSchema)?.violations(of: body) ?? []
        return violations.isEmpty ? nil : .invalidInput(violations)
    }

    /// The first decision of a saga whose input keeps to the schema, as ``refusal(of:)`` told; the
    /// rest is as ``start(_:id:freshKey:parent:cancellation:early:at:)`` says.
    package func begin(
        _ body: Value, id: SagaID, freshKey: String, parent: ParentLink? = nil,
        cancellation: OperatorAction? = nil, early: EarlyEvents? = nil,
        at circumstances: Circumstances
    ) -> Result<Decision, Refusal> {
        let identity = SagaIdentity(
            id: id, name: definition.name, definitionVersion: definition.version, key: freshKey)
        let blank = SagaState(identity: identity, input: body, startedAt: circumstances.now)
        do throws(Refusal) {
            let key = parent == nil ? definition.key : nil
            let prepared = try document(for: blank, key: key, at: circumstances)
            var course = Course(of: self, from: prepared, at: circumstances)
            course.start(parent, cancellation, early)
            return .success(course.decision)
        } catch {
            return .failure(error)
        }
    }

    /// Whether an event of that name may mean something to a saga when a participant appends it: a
    /// step waits for it, or an end has it.
    package func takes(event: String) -> Bool {
        outline.target(of: event) != nil || definition.finish.has(event)
    }

    /// The names of those events.
    package var takenEvents: [String] {
        let ends = [definition.finish.completed, definition.finish.compensated]
        return Set(outline.eventNames + ends.compactMap { $0?.event }).sorted()
    }

    /// The key of a new saga with that input, where the definition computes it; nil where it does not,
    /// or where it has no value.
    package func key(of body: Value, id: SagaID, at circumstances: Circumstances) -> String? {
        guard let key = definition.key else { return nil }
        let identity = SagaIdentity(
            id: id, name: definition.name, definitionVersion: definition.version, key: "")
        let blank = SagaState(identity: identity, input: body, startedAt: circumstances.now)
        return try? computed("key", key, blank, circumstances).keyText
    }

    /// What the rules make of an input to a saga that runs, or has ended.
    package func decide(
        _ input: Input, in state: SagaState, at circumstances: Circumstances
    ) -> Verdict {
        var course = Course(of: self, from: state, at: circumstances)
        do throws(Course.NotTaken) {
            switch input {
            case .reply(let reply): try course.take(reply)
            case .due(let unconsumed): try course.wake(unconsumed: unconsumed)
            case .takenOver: try course.takeOver()
            case .cancel(let action): try course.cancel(action)
            case .retry(let path, let body, let action):
                try course.retry(path, body: body, action)
            case .settle(let path, let settlement, let action):
                try course.settle(path, settlement, action)
            case .proposeSettling(let path, let settlement, let action):
                try course.propose(path, settlement, action)
            case .report(let path, let outcome, let data, let action):
                try course.report(path, outcome, data, action)
            case .childStuck(let id, let reason): try course.note(child: id, stuck: reason)
            case .takeBack(let id, let reason): try course.takeBack(id, reason)
            case .appended(let event): try course.take(event)
            case .lookedBack(let events): try course.lookBack(at: events)
            }
            course.advance()
            return .record(course.decision)
        } catch {
            switch error {
            case .ignored(let why): return .ignore(why)
            case .refused(let refusal): return .refuse(refusal)
            }
        }
    }

    /// The saga with its key and its document, before anything is recorded.
    private func document(
        for blank: SagaState, key: Template?, at circumstances: Circumstances
    ) throws(Refusal) -> SagaState {
        var state = blank
        if let key {
            state.identity.key = try computed("key", key, state, circumstances).keyText
        }
        guard let intake = definition.intake, case .map(var members) = state.input else {
            return state
        }
        if let idMember = intake.idMember {
            members[idMember] = .string(state.identity.key)
            state.input = .map(members)
        }
        for assignment in intake.set {
            members[assignment.name] =
                try computed(assignment.name, assignment.value, state, circumstances)
            state.input = .map(members)
        }
        return state
    }

    private func computed(
        _ name: String, _ template: Template, _ state: SagaState, _ circumstances: Circumstances
    ) throws(Refusal) -> Value {
        do throws(ExpressionError) {
            let scope = SagaScope(state: state, now: circumstances.now)
            return try template.evaluate(in: scope).json
        } catch {
            throw .notComputable([name: error.message])
        }
    }
}

extension Value {
    /// The text by which a computed key is known: text as it is, anything else as JSON.
    var keyText: String { text ?? jsonText }
}
