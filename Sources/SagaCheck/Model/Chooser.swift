import SagaCore
import Synchronization

/// How a condition turns out.
enum Choice: UInt8, Hashable, Sendable {
    case isTrue
    case isFalse
    case fails
}

/// Conditions and how they turned out, by the condition and the data that it is asked of.
typealias Choices = [String: Choice]

/// The daemon's rules, with conditions answered by choice instead of by evaluation.
///
/// A condition that looks only at outcomes, which the model knows, is evaluated all the same.
struct ChoosingDecider {
    private let decider: Decider
    private let chooser: Chooser

    init(_ model: ModelDefinition) {
        let chooser = Chooser(model)
        self.chooser = chooser
        decider = Decider(model.definition) { condition, scope in
            chooser.answer(condition, scope)
        }
    }

    /// What comes of a decision for every way in which the conditions that it asks may turn out.
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

    /// The choices that a later decision may ask for again.
    func lasting(_ chosen: Choices) -> Choices { chooser.lasting(chosen) }
}

/// Answers conditions from what was chosen, and remembers the first that was not.
private final class Chooser: Sendable {
    struct Missing {
        var key: String
        var choices: [Choice]
    }

    private struct State {
        var chosen: Choices = [:]
        var missing: Missing?
    }

    private struct Known {
        var number: Int
        var isShared: Bool
        var steps: [String]
        /// Whether the model knows all that the condition looks at.
        var isConcrete: Bool
        var choices: [Choice]
    }

    private let known: [Expression: Known]
    private let shared: Set<String>
    private let state = Mutex(State())

    init(_ model: ModelDefinition) {
        var known: [Expression: Known] = [:]
        var shared: Set<String> = []
        for (condition, (number, uses)) in model.conditions {
            known[condition] = Known(
                number: number, isShared: uses > 1, steps: condition.stepNames,
                isConcrete: condition.variables.allSatisfy(\.isConcrete),
                choices: condition.isBody ? [.isTrue, .fails] : [.isTrue, .isFalse, .fails])
            if uses > 1 { shared.insert("\(number)") }
        }
        self.known = known
        self.shared = shared
    }

    func begin(_ chosen: Choices) { state.withLock { $0 = State(chosen: chosen) } }

    var missing: Missing? { state.withLock { $0.missing } }

    func lasting(_ chosen: Choices) -> Choices {
        chosen.filter { shared.contains(String($0.key.prefix { $0 != ":" })) }
    }

    func answer(_ condition: Expression, _ scope: SagaScope) -> Result<Bool, ExpressionError> {
        guard let known = known[condition] else {
            preconditionFailure("A condition that is asked belongs to the model.")
        }
        if known.isConcrete { return Decider.evaluate(condition, scope) }
        let key = key(of: known, scope)
        let choice = state.withLock { state in
            if let choice = state.chosen[key] { return choice }
            if state.missing == nil { state.missing = Missing(key: key, choices: known.choices) }
            return .isTrue
        }
        switch choice {
        case .isTrue: return .success(true)
        case .isFalse: return .success(false)
        case .fails: return .failure(ExpressionError("an expression has no value"))
        }
    }

    private func key(of known: Known, _ scope: SagaScope) -> String {
        let data = known.steps.map { name in
            "\(name)=\(scope.value(of: .stepOutcome(name))?.text ?? "-")"
        }
        return "\(known.number):\(data.listed)"
    }
}

extension Expression {
    /// Whether it stands for a body that may have no value.
    fileprivate var isBody: Bool {
        guard case .variable(.element(let name)) = self else { return false }
        return name.hasPrefix(ModelDefinition.bodyPrefix)
    }

    /// The steps that it looks at, sorted.
    fileprivate var stepNames: [String] {
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
    /// Whether the model knows its value.
    fileprivate var isConcrete: Bool {
        switch self {
        case .stepOutcome, .sagaName, .sagaVersion: true
        case .input, .key, .sagaID, .stepResult, .stepResults, .result, .now, .failure, .element:
            false
        }
    }
}
