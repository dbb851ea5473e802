import SagaCore
import Synchronization

/// How an expression turns out.
enum Choice: UInt8, Hashable, Sendable {
    /// A condition is true.
    case isTrue
    /// A condition is false.
    case isFalse
    /// It has no value.
    case fails
    /// A list has no element.
    case empty
    /// A list has one element.
    case single
    /// A list has two elements.
    case pair
    /// A time is over.
    case past
    /// A time is to come.
    case future
}

/// Expressions and how they turned out.
typealias Choices = [ChoiceKey: Choice]

/// An expression, and the data that it is asked of.
struct ChoiceKey: Hashable, Comparable {
    /// The expression's number in its model.
    var number: Int
    /// The element of each list that it looks at.
    var indices: [Int]
    /// The outcomes of the steps that it looks at.
    var data: String

    static func < (one: ChoiceKey, other: ChoiceKey) -> Bool {
        if one.number != other.number { return one.number < other.number }
        if one.indices != other.indices {
            return one.indices.lexicographicallyPrecedes(other.indices)
        }
        return one.data < other.data
    }
}

/// The daemon's rules, with expressions answered by choice instead of by evaluation.
///
/// A condition that looks only at outcomes, and at whether a step has a result, is evaluated all
/// the same: the model knows both.
struct ChoosingDecider {
    private let decider: Decider
    private let chooser: Chooser

    init(_ model: ModelDefinition, _ reduction: Reduction) {
        let chooser = Chooser(model, isReduced: reduction >= .states)
        self.chooser = chooser
        decider = Decider(
            model.definition, conditions: { chooser.truth(of: $0, $1) },
            values: { chooser.value(of: $0, $1) })
    }

    /// What comes of a decision for every way in which the expressions that it asks may turn out.
    func branches<Answer>(
        _ chosen: Choices, _ decide: (Decider) -> Answer
    ) -> [(answer: Answer, chosen: Choices)] {
        chooser.begin(chosen)
        let answer = decide(decider)
        guard let missing = chooser.missing else { return [(answer, chosen)] }
        return missing.choices.flatMap { choice in
            var next = chosen
            next[missing.key] = choice
            return branches(next, decide)
        }
    }

    /// The choices that a later decision may ask for again from that state.
    func lasting(_ chosen: Choices, in saga: SagaState) -> Choices {
        chosen.isEmpty ? chosen : chooser.lasting(chosen, in: saga)
    }
}

/// Answers conditions from what was chosen, and remembers the first that was not.
private final class Chooser: Sendable {
    struct Missing {
        var key: ChoiceKey
        var choices: [Choice]
    }

    private struct State {
        var chosen: Choices = [:]
        var missing: Missing?
    }

    private struct Known {
        var asked: ModelDefinition.Asked
        var steps: [String]
        /// Whether the model knows all that the condition looks at.
        var isConcrete: Bool
        var choices: [Choice]
    }

    private let known: [Expression: Known]
    private let shared: [Int: ModelDefinition.Asked]
    private let isReduced: Bool
    private let state = Mutex(State())

    init(_ model: ModelDefinition, isReduced: Bool) {
        var known: [Expression: Known] = [:]
        var shared: [Int: ModelDefinition.Asked] = [:]
        for (expression, asked) in model.asked {
            known[expression] = Known(
                asked: asked, steps: expression.stepNames, isConcrete: expression.isConcrete,
                choices: expression.choices(asked.kind))
            if asked.isShared { shared[asked.number] = asked }
        }
        self.known = known
        self.shared = shared
        self.isReduced = isReduced
    }

    func begin(_ chosen: Choices) { state.withLock { $0 = State(chosen: chosen) } }

    var missing: Missing? { state.withLock { $0.missing } }

    func lasting(_ chosen: Choices, in saga: SagaState) -> Choices {
        chosen.filter { choice in
            guard let asked = shared[choice.key.number] else { return false }
            return !isReduced || mayAsk(asked, in: saga)
        }
    }

    /// Nothing is asked once the saga has turned round, and a condition not after all its nodes
    /// were entered; for a list or a time an operator may ask again.
    private func mayAsk(_ asked: ModelDefinition.Asked, in saga: SagaState) -> Bool {
        if saga.failure != nil || saga.hasEnded { return false }
        switch asked.kind {
        case .condition: return asked.isInList || asked.nodes.contains { saga.steps[$0] == nil }
        case .list, .time: return true
        }
    }

    func truth(of condition: Expression, _ scope: SagaScope) -> Result<Bool, ExpressionError> {
        if known[condition]?.isConcrete == true { return Decider.evaluate(condition, scope) }
        switch choice(of: condition, scope) {
        case .isTrue: return .success(true)
        case .isFalse: return .success(false)
        case .fails, .empty, .single, .pair, .past, .future: return .failure(Self.noValue)
        }
    }

    func value(of expression: Expression, _ scope: SagaScope) -> Result<Value, ExpressionError> {
        let element = Value.map(Members())
        switch choice(of: expression, scope) {
        case .empty: return .success(.list([]))
        case .single: return .success(.list([element]))
        case .pair: return .success(.list([element, element]))
        case .past: return .success(.timestamp(SagaState.modelPast))
        case .future: return .success(.timestamp(SagaState.modelFar))
        case .fails, .isTrue, .isFalse: return .failure(Self.noValue)
        }
    }

    private static let noValue = ExpressionError("an expression has no value")

    private func choice(of expression: Expression, _ scope: SagaScope) -> Choice {
        guard let known = known[expression] else {
            preconditionFailure("An expression that is asked belongs to the model.")
        }
        let key = key(of: known, scope)
        return state.withLock { state in
            if let choice = state.chosen[key] { return choice }
            if state.missing == nil { state.missing = Missing(key: key, choices: known.choices) }
            return known.choices[0]
        }
    }

    private func key(of known: Known, _ scope: SagaScope) -> ChoiceKey {
        let data = known.steps.map { name in
            "\(name)=\(scope.value(of: .stepOutcome(name))?.text ?? "-")"
        }
        return ChoiceKey(
            number: known.asked.number, indices: known.asked.isOfElement ? scope.indices : [],
            data: data.joined(separator: " "))
    }
}

extension Expression {
    /// How it may turn out.
    fileprivate func choices(_ kind: ModelDefinition.Kind) -> [Choice] {
        switch kind {
        case .condition: isBody ? [.isTrue, .fails] : [.isTrue, .isFalse, .fails]
        case .list: [.empty, .single, .pair, .fails]
        case .time: [.past, .future, .fails]
        }
    }

    /// Whether the model knows all that it looks at.
    fileprivate var isConcrete: Bool {
        valued.allSatisfy(\.isConcrete) && probed.allSatisfy { $0.isConcrete || $0.isResult }
    }

    /// Whether it stands for a body that may have no value.
    fileprivate var isBody: Bool {
        guard case .variable(.element(let name)) = self else { return false }
        return name.hasPrefix(ModelDefinition.bodyPrefix)
    }

    /// The steps that it looks at, sorted.
    var stepNames: [String] {
        var names: Set<String> = []
        for variable in variables {
            switch variable {
            case .stepOutcome(let name), .stepResult(let name), .stepResults(let name):
                names.insert(name)
            case .input, .key, .sagaID, .sagaName, .sagaVersion, .result, .now, .failure, .element:
                break
            }
        }
        return names.sorted()
    }
}

extension Variable {
    /// Whether it is a step's result, of which the model knows whether it is there.
    fileprivate var isResult: Bool {
        if case .stepResult = self { true } else { false }
    }

    /// Whether the model knows its value.
    fileprivate var isConcrete: Bool {
        switch self {
        case .stepOutcome, .sagaName, .sagaVersion: true
        case .input, .key, .sagaID, .stepResult, .stepResults, .result, .now, .failure, .element:
            false
        }
    }
}
