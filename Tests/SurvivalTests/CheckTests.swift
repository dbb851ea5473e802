import LoadClient
@testable import Survival
import Testing

/// Whether the checks see what they are for: one thing is spoilt, one check complains.
@Suite struct `The checks of a trial` {
    private static let saga = "0190a1b2-0000-7000-8000-00000000000a"

    /// An approved order of 19.00 as it must be left.
    private static var sound: Evidence {
        var evidence = Evidence()
        let order = Order(
            .approved, items: [Order.Item("Soup", cents: 950, quantity: 2)], customer: "c-1",
            restaurant: "r-1", idempotencyKey: "k")
        evidence.posted = [PostedOrder(order: order, key: "o-1", sagaID: saga)]
        evidence.stored.sagas = [
            StoredSaga(
                id: "0190a1b200007000800000000000000a", key: "o-1", status: "completed",
                version: 3, journalRows: 3, journalVersions: 1...3, decided: 10...30)
        ]
        for (place, type) in Tale.approved.types.enumerated() {
            let version = Int64(place + 1)
            evidence.stored.events.append(
                StoredEvent(
                    id: "e-\(version)", aggregate: "o-1", version: version, type: type, body: "{}"))
            evidence.published.append(
                PublishedEvent(
                    id: "e-\(version)", subject: type, type: type, aggregate: "o-1",
                    version: version, body: "{}"))
        }
        evidence.stored.aggregates = ["o-1": 3]
        evidence.ledger = [LedgerLine(kind: "debit", order: "o-1", cents: 1900)]
        return evidence
    }

    private func complaints(_ spoil: (inout Evidence) -> Void) -> [Check] {
        var evidence = Self.sound
        spoil(&evidence)
        return Check.allCases.filter { !$0.findings(in: evidence).isEmpty }
    }

    @Test func `are content with an order that went well`() {
        #expect(complaints { _ in } == [])
        #expect(Self.sound.underWay(at: 20) == 1)
        #expect(Self.sound.underWay(at: 40) == 0)
    }

    @Test func `see an order without its saga, and a saga without an order`() {
        #expect(complaints { $0.posted[0].sagaID = "another" } == [.started])
        #expect(
            complaints { evidence in
                var stranger = evidence.stored.sagas[0]
                stranger.key = "o-2"
                evidence.stored.sagas.append(stranger)
            } == [.started])
    }

    @Test func `see a saga that has not ended`() {
        #expect(complaints { $0.stored.sagas[0].status = "stuck" } == [.ended, .story])
    }

    @Test func `see gaps in versions`() {
        #expect(complaints { $0.stored.sagas[0].journalRows = 2 } == [.journal])
        #expect(complaints { $0.stored.sagas[0].journalVersions = 2...3 } == [.journal])
        #expect(complaints { $0.stored.sagas[0].version = 4 } == [.journal])
        #expect(complaints { $0.stored.aggregates["o-1"] = 4 } == [.versions])
        #expect(
            complaints { evidence in
                evidence.stored.events[2].version = 4
                evidence.published[2].version = 4
                evidence.stored.aggregates["o-1"] = 4
            } == [.versions])
    }

    @Test func `see events that tell no possible story`() {
        #expect(
            complaints { evidence in
                evidence.stored.events[1].type = "ORDERS.approved"
                evidence.published[1].type = "ORDERS.approved"
                evidence.published[1].subject = "ORDERS.approved"
            } == [.story])
        #expect(complaints { $0.stored.sagas[0].status = "compensated" } == [.story])
    }

    @Test func `see money that does not add up`() {
        #expect(complaints { $0.ledger = [] } == [.money])
        #expect(complaints { $0.ledger[0].cents = 1901 } == [.money])
        #expect(
            complaints { evidence in
                evidence.ledger.append(LedgerLine(kind: "void", order: "o-1", cents: 1900))
            } == [.money])
        #expect(
            complaints { evidence in
                evidence.ledger.append(LedgerLine(kind: "debit", order: "o-2", cents: 1))
            } == [.money])
    }

    @Test func `see a second debit, also where it was voided`() {
        #expect(complaints { $0.ledger.append($0.ledger[0]) } == [.money, .once])
        #expect(
            complaints { evidence in
                evidence.ledger.append(evidence.ledger[0])
                evidence.ledger.append(LedgerLine(kind: "void", order: "o-1", cents: 1900))
            } == [.once])
    }

    @Test func `see an event that is not published as it is stored`() {
        #expect(complaints { $0.published.removeLast() } == [.published])
        #expect(complaints { $0.published[1].version = 7 } == [.published])
        #expect(complaints { $0.published[1].body = "{\"a\":1}" } == [.published])
        #expect(complaints { $0.outbox = ["e-3"] } == [.outbox])
    }

    @Test func `see an event that is on the stream again or not stored`() {
        #expect(complaints { $0.published.append($0.published[0]) } == [.unique])
        #expect(
            complaints { evidence in
                var stranger = evidence.published[0]
                stranger.id = "e-9"
                evidence.published.append(stranger)
            } == [.unique])
    }

    @Test func `see what is left on a stream that should be empty`() {
        let left = LeftMessages(stream: "SAGA_DEAD", count: 1, isWrong: true)
        #expect(complaints { $0.left = [left] } == [.streams])
        #expect(
            complaints { evidence in
                evidence.left = [left]
                evidence.left[0].isWrong = false
            } == [])
    }

    @Test func `see an order that stood still for too long when a daemon stayed away`() {
        let second: Int64 = 1_000_000
        func complaints(decided last: Int64, away lasting: Duration) -> [Check] {
            self.complaints { evidence in
                evidence.stored.sagas[0].decisions = [1 * second, 2 * second, last * second]
                evidence.struck = [
                    Struck(
                        strike: Strike(
                            target: .daemon, afterAnswers: 1, delay: .zero, lasting: lasting),
                        at: 3 * second, answers: 1)
                ]
            }
        }
        #expect(complaints(decided: 14, away: .seconds(20)) == [.prompt])
        #expect(complaints(decided: 13, away: .seconds(20)) == [])
        #expect(complaints(decided: 14, away: .zero) == [])
    }

    @Test func `see an error in the log that nobody expects`() {
        #expect(complaints { $0.errors = ["the leases could not be renewed"] } == [.log])
        #expect(
            complaints { evidence in
                evidence.errors = ["the leases could not be renewed"]
                evidence.expectedErrors = ["leases could not"]
            } == [])
    }

    @Test func `see a daemon that did not stop`() {
        #expect(complaints { $0.daemonEnd = "was ended by signal 9" } == [.stopped])
    }
}
