import ArgumentParser
import SagaCore
import SagaTool

/// `sagactl debt`: what sagas owe.
struct DebtCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "debt",
        abstract:
            "Lists what is stuck, and the compensations that go unanswered, the oldest first.",
        discussion: """
            What is stuck waits for an operator: `sagactl retry` and `sagactl settle`. An open \
            compensation is driven on by itself. The amount is the member `amount` of the \
            compensation's body, or else of the step's own command. Ends with 1 where anything is \
            stuck.
            """)

    @Option(help: "Only sagas of this name.")
    var saga: String?

    @Option(help: "Only what is stuck, or only what is open.")
    var state: DebtState?

    @Option(help: ArgumentHelp("Only what is at least so old.", valueName: "seconds"))
    var minAge: Int?

    @Option(help: "Only what has at least that amount.")
    var minAmount: Double?

    @Option(help: ArgumentHelp("The member of a body that has the amount.", valueName: "name"))
    var amountField: String?

    @Option(help: "The oldest first, or the greatest amount.")
    var sort = Order.age

    @OptionGroup var format: FormatOptions
    @OptionGroup var server: ServerOptions

    /// What a list is sorted by.
    enum Order: String, ExpressibleByArgument, CaseIterable {
        /// The oldest first.
        case age
        /// The greatest amount first.
        case amount
    }

    /// Which of the two.
    enum DebtState: String, ExpressibleByArgument, CaseIterable {
        /// It waits for an operator.
        case stuck
        /// It is driven on.
        case open
    }

    func perform(_ server: Server, _ console: Console) async throws -> ExitStatus {
        let found = try await server.all(
            "/api/debt",
            [
                ("saga", saga), ("state", state?.rawValue), ("min_age", minAge.map(String.init)),
                ("min_amount", minAmount.map { String($0) }), ("amount_field", amountField),
            ])
        let debts = found.sorted(by: isBefore)
        switch format.format {
        case .json: console.write(Value.list(debts).jsonText + "\n")
        case .text:
            console.write(DebtText.table(debts))
            if debts.isEmpty { console.complain("Nothing is owed.\n") }
        }
        return debts.contains { $0["state"] == "stuck" } ? .findings : .fine
    }

    private func isBefore(_ one: Value, _ other: Value) -> Bool {
        let ages = [one, other].map { $0["age_seconds"]?.whole ?? 0 }
        switch sort {
        case .age: return ages[0] > ages[1]
        case .amount:
            let amounts = [one, other].map { DebtText.amount($0) ?? -.infinity }
            return (amounts[0], ages[0]) > (amounts[1], ages[1])
        }
    }
}

/// Debt as text.
enum DebtText {
    /// A line for each, and the sums of what has an amount.
    static func table(_ debts: [Value]) -> String {
        var sums: [(currency: String, sum: Double)] = []
        var rows: [[String]] = []
        for debt in debts {
            func part(_ name: String) -> String { debt[name]?.text ?? "" }
            let currency = part("currency")
            var money = ""
            if let amount = amount(debt) {
                money = "\(Value.double(amount).jsonText) \(currency)"
                if let place = sums.firstIndex(where: { $0.currency == currency }) {
                    sums[place].sum += amount
                } else {
                    sums.append((currency, amount))
                }
            }
            let proposal = debt["proposal"]?["by"]?.text.map { "proposed by \($0)" }
            rows.append([
                age(debt["age_seconds"]?.whole ?? 0), part("state"),
                "\(part("saga"))/\(part("key"))", "\(part("step")) \(part("kind"))", money,
                [proposal, debt["reason"]?.text].compactMap { $0 }.joined(separator: "; "),
            ])
        }
        let words = sums.map { "\(Value.double($0.sum).jsonText) \($0.currency)" }
        let total = words.isEmpty ? "" : "Together \(words.joined(separator: ", "))"
        return Columns.text(rows)
            + (total.isEmpty ? "" : total.trimmedAtEnd + "\n")
    }

    /// The amount of a debt.
    static func amount(_ debt: Value) -> Double? {
        guard case .double(let amount)? = debt["amount"] else { return nil }
        return amount
    }

    /// `3d 4h`, `4h 5m`, `5m 6s` or `6s`.
    static func age(_ seconds: Int64) -> String {
        let parts = [
            (seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "m"),
            (seconds % 60, "s"),
        ]
        let shown = parts.drop { $0.0 == 0 }.prefix(2)
        return shown.isEmpty ? "0s" : shown.map { "\($0.0)\($0.1)" }.joined(separator: " ")
    }
}

extension String {
    /// The text without blanks at its end.
    fileprivate var trimmedAtEnd: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
