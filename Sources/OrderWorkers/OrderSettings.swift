package import SagaWorker

/// What the order participants are told.
package struct OrderSettings: Sendable {
    /// Where commands come from.
    package var worker: WorkerOptions
    /// The SQLite file; made where it is missing.
    package var database: String
    /// Which participants to run.
    package var roles: Set<Role> = Set(Role.allCases)
    /// A debit above this is declined; minor units (cents).
    package var cardLimit: Int64 = 100_000
    /// A refund above this is declined; minor units (cents).
    package var refundLimit: Int64 = 50_000

    /// All participants with the usual limits.
    package init(servers: String, database: String) {
        worker = WorkerOptions(servers: servers)
        self.database = database
    }

    /// Reads an amount in major units (`1000.00`) as minor units; `nil` where it is none.
    package static func minorUnits(_ text: String) -> Int64? {
        Double(text).flatMap(Money.minorUnits)
    }
}

/// Amounts of money in minor units.
enum Money {
    /// The largest amount that is taken, in major units.
    private static let largest = 1_000_000_000.0

    /// Minor units of a JSON number, rounded to the nearest; `nil` where it is no sum of money.
    static func minorUnits(_ amount: Double) -> Int64? {
        guard amount.isFinite, amount >= 0, amount <= largest else { return nil }
        return Int64((amount * 100).rounded())
    }

    /// As people write it: `1000.00`.
    static func text(_ minorUnits: Int64) -> String {
        let cents = minorUnits % 100
        return "\(minorUnits / 100).\(cents < 10 ? "0" : "")\(cents)"
    }
}
