/// Something of a saga that somebody has to see to: it is stuck, or a compensation of it is open.
package struct Debt: Equatable, Sendable {
    /// The step.
    package var path: NodePath
    /// What is owed.
    package var kind: Kind
    /// Why an operator is needed; nil where the compensation is open and driven on.
    package var stuckReason: String?
    /// The open compensation; nil where something is stuck.
    package var command: OpenCommand?
    /// What an operator proposed to settle, where another has to agree.
    package var proposal: SettlementProposal?

    /// What is owed.
    package enum Kind: String, CaseIterable, Hashable, Sendable {
        /// To find out what became of the step.
        case step
        /// To take the step back.
        case compensation
    }

    /// The debt with these parts.
    package init(
        path: NodePath, kind: Kind, stuckReason: String? = nil, command: OpenCommand? = nil,
        proposal: SettlementProposal? = nil
    ) {
        self.path = path
        self.kind = kind
        self.stuckReason = stuckReason
        self.command = command
        self.proposal = proposal
    }
}

extension SagaState {
    /// What somebody has to see to, by path; a compensation that was only just sent among it.
    package var debts: [Debt] {
        var debts: [Debt] = []
        for (path, step) in steps {
            let reason = step.stuckReason ?? "stuck"
            if step.phase == .stuck {
                debts.append(
                    Debt(path: path, kind: .step, stuckReason: reason, proposal: step.proposal))
            }
            if step.compensation == .stuck {
                debts.append(
                    Debt(
                        path: path, kind: .compensation, stuckReason: reason,
                        proposal: step.proposal))
            }
        }
        for command in open where command.kind == .compensation {
            debts.append(Debt(path: command.path, kind: .compensation, command: command))
        }
        return debts.sorted { ($0.path, $0.kind.rawValue) < ($1.path, $1.kind.rawValue) }
    }
}

extension OpenCommand {
    /// A first attempt that may take longer than this is not taken to be answered soon.
    private static let soon: Duration = .seconds(60)

    /// Whether this is a compensation that was not answered at its first attempt, or may take long
    /// over it: most are answered at once, and then nobody has to be told of them.
    var mayStandOpen: Bool {
        guard kind == .compensation else { return false }
        let isFirst = attempt == 1 && resend == 0 && phase == .inFlight
        return !isFirst || dueAt.map { $0 - since > Self.soon } ?? true
    }
}
