import Foundation
import GRDB
import NATS
import SagaWorker
import TestBroker
import Testing

@testable import OrderWorkers

@Suite(
    .serialized, .enabled(if: NATSServer.binary != nil, "there is no nats-server"),
    .timeLimit(.minutes(5)))
struct `The order participants` {
    @Test func `debit, void, refund, review and notify by the rules`() async throws {
        let stage = try await OrderStage()
        try await stage.running {
            #expect(
                try await stage.ask(
                    "payments.debit", "d1",
                    #"{"order_id":"o1","customer_id":"c1","amount":19.99}"#)
                    == #"{"data":{"payment_id":"p-d1"},"outcome":"debited"}"#)
            #expect(
                try await stage.ask("payments.status", "q1", kind: "probe", about: "d1", "{}")
                    == #"{"data":{"payment_id":"p-d1"},"outcome":"debited"}"#)
            #expect(
                try await stage.ask(
                    "payments.debit", "d2", #"{"order_id":"o2","amount":1000.01}"#)
                    == #"{"data":{"reason":"the limit of 1000.00 is exceeded"},"#
                    + #""outcome":"declined"}"#)
            #expect(
                try await stage.ask(
                    "payments.debit", "d3", #"{"order_id":"o3","amount":1000}"#
                )
                .contains("debited"))
            #expect(
                try await stage.ask(
                    "payments.void", "v3", kind: "compensation", about: "d3",
                    #"{"order_id":"o3"}"#) == #"{"outcome":"done"}"#)
            #expect(
                try await stage.ask(
                    "payments.void", "v2", kind: "compensation", about: "d2",
                    #"{"order_id":"o2"}"#) == #"{"outcome":"done"}"#)
            #expect(
                try await stage.ask(
                    "payments.refund", "r1", #"{"order_id":"o1","amount":5}"#)
                    == #"{"data":{"refund_id":"r-r1"},"outcome":"refunded"}"#)
            #expect(
                try await stage.ask(
                    "payments.refund", "r2", #"{"order_id":"o1","amount":500.01}"#
                )
                .contains("declined"))
            #expect(
                try await stage.ask(
                    "payments.debit", "d4", #"{"order_id":"o4","amount":-1}"#
                )
                .contains(#""retriable":false"#))
            #expect(
                try await stage.ask(
                    "reviews.review", "w1", #"{"order_id":"o1","restaurant_id":"r-1"}"#)
                    == #"{"outcome":"approved"}"#)
            #expect(
                try await stage.ask(
                    "reviews.review", "w2", #"{"order_id":"o2","restaurant_id":"blocked-1"}"#)
                    == #"{"data":{"reason":"the restaurant blocked-1 is blocked"},"#
                    + #""outcome":"rejected"}"#)
            #expect(
                try await stage.ask("notifications.send", "n1", #"{"to":"c1"}"#)
                    == #"{"outcome":"sent"}"#)
            // Another process would read it like this, while it is being written.
            let ledger = try Ledger(path: stage.database)
            let entries = try await ledger.ledger(orderID: "o3")
            #expect(entries.map(\.kind) == [.debit, .void])
            #expect(entries.map(\.amount) == [100_000, 100_000])
            #expect(entries.last?.originalCommandID == "d3")
            #expect(try await ledger.ledger(orderID: "o2").isEmpty)
            let totals = try await ledger.totals()
            #expect(totals.debited == 101_999)
            #expect(totals.voided == 100_000)
            #expect(totals.refunded == 500)
            #expect(totals.kept == 1_499)
            #expect(totals.ordersDebitedTwice == 0)
        }
    }

    @Test func `take a refund back, and debit once over a restart`() async throws {
        let stage = try await OrderStage()
        let debit = #"{"order_id":"o1","amount":10}"#
        try await stage.running {
            _ = try await stage.ask("payments.debit", "d1", debit)
            _ = try await stage.ask("payments.refund", "r1", debit)
            #expect(
                try await stage.ask(
                    "payments.void_refund", "u1", kind: "compensation", about: "r1", "{}")
                    == #"{"outcome":"done"}"#)
        }
        try await stage.running {
            let again = try await stage.ask("payments.debit", "d1", debit)
            #expect(again.contains("p-d1"))
            let late = try await stage.ask("payments.refund", "r1", debit)
            #expect(late.contains("compensated"))
        }
        let ledger = try Ledger(path: stage.database)
        let kinds = try await ledger.ledger(orderID: "o1").map(\.kind)
        #expect(kinds == [.debit, .refund, .refundVoid])
        #expect(try await ledger.totals().kept == 1_000)
    }
}

@Suite struct `The ledger's file` {
    private let path = NSTemporaryDirectory() + "ledger-\(UUID().uuidString).sqlite"

    @Test func `is written with full synchronisation`() throws {
        let file = try LedgerFile(path: path)
        defer { for end in ["", "-wal", "-shm"] { unlink(path + end) } }
        let mode = try file.pool.writeWithoutTransaction { database in
            try [
                Int.fetchOne(database, sql: "PRAGMA synchronous").map(String.init),
                String.fetchOne(database, sql: "PRAGMA journal_mode"),
            ]
        }
        #expect(mode == ["2", "wal"])
    }

    @Test func `counts orders debited twice, but not those debited again after a void`()
        async throws
    {
        let file = try LedgerFile(path: path)
        defer { for end in ["", "-wal", "-shm"] { unlink(path + end) } }
        try await file.write { database in
            func add(_ kind: LedgerEntry.Kind, _ id: String, _ order: String) throws {
                try LedgerEntry.insert(
                    kind, commandID: id, orderID: order, customerID: nil, amount: 5, in: database)
            }
            try add(.debit, "1", "twice")
            try add(.debit, "2", "twice")
            try add(.debit, "3", "again")
            try add(.void, "4", "again")
            try add(.debit, "5", "again")
        }
        #expect(try await Ledger(file).totals().ordersDebitedTwice == 1)
    }

    @Test func `forgets old records that owe nothing`() async throws {
        let file = try LedgerFile(path: path)
        defer { for end in ["", "-wal", "-shm"] { unlink(path + end) } }
        let table = CommandTable(file, role: .payment)
        func record(_ id: String, _ time: Int64, sent: Bool) -> CommandRecord {
            CommandRecord(
                commandID: id, isClosed: false, answer: [1], isOutcome: true,
                replySubject: "r.\(id)", isReplySent: sent, recordedAt: time)
        }
        let old = record("old", 1, sent: true)
        let owed = record("owed", 1, sent: false)
        let new = record("new", 9, sent: true)
        try await table.transaction { database in
            try table.save([old, owed, new], in: database)
            try table.forget(before: 5, limit: 10, in: database)
        }
        let (left, unsent) = try await table.transaction { database in
            (
                try table.records(of: ["old", "owed", "new", "none"], in: database),
                try table.unsent(limit: 10, in: database)
            )
        }
        #expect(left == [owed, new])
        #expect(unsent == [owed])
    }
}

@Suite struct `An amount of money` {
    @Test(arguments: [(0, 0), (19.99, 1_999), (0.1 + 0.2, 30), (1e9, 100_000_000_000)])
    func `is kept in minor units`(amount: Double, units: Int64) {
        #expect(Money.minorUnits(amount) == units)
    }

    @Test(arguments: [-0.01, .infinity, .nan, 1e300])
    func `that is none is refused`(amount: Double) { #expect(Money.minorUnits(amount) == nil) }

    @Test func `is written as people write it`() {
        #expect(Money.text(100_000) == "1000.00")
        #expect(Money.text(5) == "0.05")
    }
}
