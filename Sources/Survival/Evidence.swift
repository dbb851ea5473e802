package import FaultyWire
package import LoadClient

/// A saga as it is stored.
package struct StoredSaga: Sendable, Equatable {
    /// Its identity, 32 hexadecimal digits in lower case.
    package var id: String
    /// The order's key.
    package var key: String
    /// How it stands.
    package var status: String
    /// The version of its state.
    package var version: Int64
    /// How many rows its journal has.
    package var journalRows: Int64
    /// The versions of its first and its last row; 0 where there is none.
    package var journalVersions: ClosedRange<Int64>
    /// When its first and its last row were decided, in microseconds since 1970.
    package var decided: ClosedRange<Int64>
    /// When each of its rows was decided, in their order.
    package var decisions: [Int64] = []

    /// For how long nothing was decided from that moment on, in microseconds; nil where it had not
    /// begun, or had ended.
    package func stillness(at moment: Int64) -> Int64? {
        guard let first = decisions.first, first <= moment,
            let next = decisions.first(where: { $0 > moment })
        else { return nil }
        return next - moment
    }
}

/// A domain event as it is stored.
package struct StoredEvent: Sendable, Equatable {
    /// Its id.
    package var id: String
    /// The order's key.
    package var aggregate: String
    /// Its place among the order's events, from 1.
    package var version: Int64
    /// What happened, such as `ORDERS.created`.
    package var type: String
    /// The JSON text; empty for none.
    package var body: String
}

/// What the database holds.
package struct StoredRecords: Sendable, Equatable {
    /// All sagas.
    package var sagas: [StoredSaga] = []
    /// All events, by order and version.
    package var events: [StoredEvent] = []
    /// The last version of each order's events, as the store counts it.
    package var aggregates: [String: Int64] = [:]

    /// Nothing.
    package init() {}
}

/// A domain event as it lies on the stream.
package struct PublishedEvent: Sendable, Equatable {
    /// Its `Nats-Msg-Id`.
    package var id: String
    /// Its subject and its `ce-type`, which are to be the same.
    package var subject: String
    /// Its `ce-type`.
    package var type: String
    /// Its `ce-subject`: the order's key.
    package var aggregate: String
    /// Its `ce-sequence`; nil where it is no number.
    package var version: Int64?
    /// The body.
    package var body: String
}

/// One line of the payment participant's ledger.
package struct LedgerLine: Sendable, Equatable {
    /// What happened to the money, such as `debit` or `void`.
    package var kind: String
    /// The order's key.
    package var order: String
    /// How much, in cents.
    package var cents: Int64

    /// A line with these parts.
    package init(kind: String, order: String, cents: Int64) {
        self.kind = kind
        self.order = order
        self.cents = cents
    }
}

/// How many messages are left on one of the daemon's own streams.
package struct LeftMessages: Sendable, Equatable {
    /// The stream.
    package var stream: String
    /// How many.
    package var count: Int
    /// Whether there should be none.
    package var isWrong: Bool
}

/// All that a trial left: what clients were told, what was stored, published and booked.
package struct Evidence: Sendable {
    /// The orders, all of them answered 201.
    package var posted: [PostedOrder] = []
    /// What was killed when.
    package var struck: [Struck] = []
    /// What the database holds.
    package var stored = StoredRecords()
    /// The ids of events that the store still holds for publishing.
    package var outbox: [String] = []
    /// What lies on the stream ORDERS, in its order.
    package var published: [PublishedEvent] = []
    /// The payment participant's ledger.
    package var ledger: [LedgerLine] = []
    /// How the daemon ended when it was asked to.
    package var daemonEnd = "ended with status 0"
    /// How many messages are left on the daemon's own streams.
    package var left: [LeftMessages] = []
    /// Some of the sagas that did not end, with their journals.
    package var journals: [String] = []
    /// The errors in the daemons' logs.
    package var errors: [String] = []
    /// What they may say.
    package var expectedErrors: [String] = []
    /// How long an order may stand still that was under way when one of several daemons was killed
    /// and stayed away.
    package var stillLimit: Duration = .seconds(10)
    /// Which kind of disk was full, where one was.
    package var disk: SmallDisk.Kind?
    /// Which commits were struck on the wire.
    package var cuts: [WireProxy.Fault] = []

    /// Nothing yet.
    package init() {}

    init(of trial: Trial) {
        expectedErrors = trial.part.expectedErrors
        stillLimit = trial.stillLimit
    }

    /// The kills of one of several daemons that stayed away.
    var absences: [Struck] {
        struck.filter { $0.strike.target == .daemon && $0.strike.lasting > .zero }
    }

    /// For how long each order stood still that was under way at a moment.
    func standing(at moment: Int64) -> [(key: String, still: Duration)] {
        stored.sagas.compactMap { saga in
            saga.stillness(at: moment).map { (saga.key, .microseconds($0)) }
        }
    }

    /// How many sagas had begun and not ended at a moment, in microseconds since 1970.
    package func underWay(at moment: Int64) -> Int {
        stored.sagas.count { $0.decided.lowerBound < moment && moment < $0.decided.upperBound }
    }
}
