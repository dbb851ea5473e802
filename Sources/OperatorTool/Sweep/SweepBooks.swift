import Foundation
import OrderWorkers
import SagaCore

/// The ledger of the order participants, where it can be read; of others only the saga's own account
/// is known.
struct SweepBooks: Sendable {
    /// The ledger's file; nil where it is not known.
    let path: String?

    /// What the books say of a saga, and what is wrong with it.
    ///
    /// An order that was taken back must net to nothing; one that went through must have been debited
    /// once.
    func check(_ verdict: SweepVerdict) async -> (words: String, problems: [String]) {
        guard let path, FileManager.default.fileExists(atPath: path),
            let key = verdict.saga["key"]?.text
        else { return (verdict.ownAccount, []) }
        do {
            let entries = try await Ledger(path: path).ledger(orderID: key)
            guard !entries.isEmpty else { return (verdict.ownAccount, []) }
            let net = entries.reduce(Int64(0)) { $0 + $1.signedAmount }
            let count = entries.reduce(0) { $0 + $1.sign }
            let words = "\(entries.count) entries, net \(net)"
            switch verdict.end {
            case "completed" where count != 1:
                return (words, ["the ledger has \(count) debits of a completed saga"])
            case "compensated" where net != 0:
                return (words, ["the ledger nets to \(net) cents after all was taken back"])
            default: return (words, [])
            }
        } catch {
            return ("unreadable", ["the ledger \(path) cannot be read: \(error)"])
        }
    }
}

extension LedgerEntry {
    /// 1 for money taken, -1 for money given back.
    fileprivate var sign: Int {
        switch kind {
        case .debit, .refundVoid: 1
        case .void, .refund: -1
        }
    }

    fileprivate var signedAmount: Int64 { Int64(sign) * amount }
}
