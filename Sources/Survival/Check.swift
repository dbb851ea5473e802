import LoadClient

/// Something that must hold in the end, whatever was killed.
package enum Check: CaseIterable, Sendable {
    /// Every answered order has its saga, and there is none that nobody was told of.
    case started
    /// Every saga has ended.
    case ended
    /// The journal of each saga has the versions 1…n, and n is the version of its state.
    case journal
    /// The events of each order have the versions 1…n, and n is what the store counts.
    case versions
    /// The events of each order tell one possible story, and the saga's status is that story's end.
    case story
    /// Debits minus voids are the amount of an approved order, and zero for any other.
    case money
    /// No order is debited or voided more than once.
    case once
    /// Every stored event is on the stream, as it is stored.
    case published
    /// No event is on the stream twice, and none that is not stored.
    case unique
    /// Nothing waits to be published.
    case outbox
    /// No command and no reply lies about, and none was put aside as unreadable.
    case streams
    /// Orders that were under way when one of two daemons was killed went on with the other soon.
    case prompt
    /// The daemon, asked to stop, ends with status 0.
    case stopped
    /// There is no error in the daemon's log but of what is done to it.
    case log

    /// The check in words.
    package var title: String {
        switch self {
        case .started: "every answered order has one saga"
        case .ended: "every order ended"
        case .journal: "each saga's journal has the versions 1…n"
        case .versions: "each order's events have the versions 1…n"
        case .story: "each order's events tell one story"
        case .money: "debits minus voids is what was approved"
        case .once: "no order is debited twice"
        case .published: "every stored event is on the stream, as stored"
        case .unique: "every event is on the stream once"
        case .outbox: "the outbox is empty"
        case .streams: "no command, reply or dead letter is left"
        case .prompt: "orders of a killed daemon go on with the other one"
        case .stopped: "the daemon stops when asked"
        case .log: "the log has no unexpected error"
        }
    }

    /// What contradicts it.
    package func findings(in evidence: Evidence) -> [Finding] {
        switch self {
        case .started: evidence.withoutSaga
        case .ended:
            evidence.stored.sagas.filter { !$0.hasEnded }
                .map { Finding($0.key, "saga \($0.id) is \($0.status) at version \($0.version)") }
        case .journal: evidence.stored.sagas.compactMap(\.journalGap)
        case .versions: evidence.versionGaps
        case .story: evidence.brokenStories
        case .money: evidence.wrongSums
        case .once: evidence.repeatedDebits
        case .published: evidence.unpublished
        case .unique: evidence.superfluous
        case .outbox: evidence.outbox.map { Finding("", "event \($0) waits") }
        case .streams:
            evidence.left.filter { $0.isWrong && $0.count > 0 }
                .map { Finding("", "\($0.stream) holds \($0.count) messages") }
        case .prompt: evidence.stillOrders
        case .log: evidence.unexpectedErrors.map { Finding("", $0) }
        case .stopped:
            evidence.daemonEnd == "ended with status 0" ? [] : [Finding("", evidence.daemonEnd)]
        }
    }
}

/// Something that contradicts a check.
package struct Finding: Sendable, Equatable {
    /// The order's key; empty where it is no single order's matter.
    package var order: String
    /// What was found.
    package var what: String

    init(_ order: String, _ what: String) {
        self.order = order
        self.what = what
    }
}

extension StoredSaga {
    var hasEnded: Bool { ["completed", "compensated", "settled"].contains(status) }

    fileprivate var journalGap: Finding? {
        if journalVersions == 1...version, journalRows == version { return nil }
        let rows = "\(journalRows) rows from \(journalVersions.lowerBound)"
        return Finding(
            key, "version \(version), journal: \(rows) to \(journalVersions.upperBound)")
    }
}

extension Evidence {
    /// The stored events of each order, by version.
    var eventsByOrder: [String: [StoredEvent]] {
        Dictionary(grouping: stored.events, by: \.aggregate)
    }

    fileprivate var withoutSaga: [Finding] {
        var sagas = Dictionary(grouping: stored.sagas, by: \.key)
        var findings: [Finding] = []
        for order in posted {
            let found = sagas.removeValue(forKey: order.key)
            if found?.map(\.id) != [hexadecimal(order.sagaID)] {
                let ids = found?.map(\.id).joined(separator: ", ") ?? "none"
                findings.append(Finding(order.key, "answered saga \(order.sagaID), stored: \(ids)"))
            }
        }
        let strangers = sagas.values.flatMap(\.self)
        return findings + strangers.map { Finding($0.key, "saga \($0.id) was never answered") }
    }

    fileprivate var versionGaps: [Finding] {
        let byOrder = eventsByOrder
        let counted = byOrder.compactMap { order, events -> Finding? in
            let versions = events.map(\.version)
            let last = stored.aggregates[order] ?? 0
            if versions == Array(1...Int64(versions.count)), last == versions.last { return nil }
            return Finding(order, "events have \(versions), the store counts \(last)")
        }
        let empty = stored.aggregates.keys.filter { byOrder[$0] == nil }
        return counted + empty.map { Finding($0, "has a count and no events") }
    }

    fileprivate var brokenStories: [Finding] {
        let events = eventsByOrder
        let statuses = Dictionary(stored.sagas.map { ($0.key, $0.status) }) { first, _ in first }
        return posted.compactMap { order in
            let types = events[order.key]?.map(\.type) ?? []
            let told = Tale.allCases.first { $0.types == types }
            let status = statuses[order.key] ?? "missing"
            if let told, told.status == status, told.fits(order.order.story) { return nil }
            return Finding(
                order.key,
                "a \(order.order.story) order has \(types), and its saga is \(status)")
        }
    }

    fileprivate var wrongSums: [Finding] {
        let lines = Dictionary(grouping: ledger, by: \.order)
        let approved = Set(stored.events.filter { $0.type == "ORDERS.approved" }.map(\.aggregate))
        let known = Set(posted.map(\.key))
        let wrong = posted.compactMap { order -> Finding? in
            let expected = approved.contains(order.key) ? order.order.cents : 0
            let sum = lines[order.key]?.reduce(Int64(0)) { $0 + $1.signedCents } ?? 0
            if sum == expected { return nil }
            return Finding(
                order.key, "kept \(Money.text(sum)), expected \(Money.text(expected))")
        }
        let strangers = lines.keys.filter { !known.contains($0) }
        return wrong + strangers.map { Finding($0, "is in the ledger and was never answered") }
    }

    fileprivate var repeatedDebits: [Finding] {
        Dictionary(grouping: ledger, by: \.order).compactMap { order, lines in
            let debits = lines.count { $0.kind == "debit" }
            let voids = lines.count { $0.kind == "void" }
            if debits <= 1, voids <= debits, debits + voids == lines.count { return nil }
            return Finding(order, "ledger: \(lines.map { "\($0.kind) \($0.cents)" })")
        }
    }

    fileprivate var stillOrders: [Finding] {
        absences.flatMap { absence in
            standing(at: absence.at).filter { $0.still > stillLimit }.map { order in
                Finding(order.key, "nothing was decided for \(order.still) after the kill")
            }
        }
    }

    fileprivate var unexpectedErrors: [String] {
        errors.filter { line in !expectedErrors.contains { line.contains($0) } }
    }

    fileprivate var unpublished: [Finding] {
        let byID = Dictionary(published.map { ($0.id, $0) }) { first, _ in first }
        return stored.events.compactMap { event in
            guard let found = byID[event.id] else {
                return Finding(event.aggregate, "\(event.type) \(event.id) is not on the stream")
            }
            let expected = PublishedEvent(
                id: event.id, subject: event.type, type: event.type, aggregate: event.aggregate,
                version: event.version, body: event.body)
            if found == expected { return nil }
            return Finding(event.aggregate, "stored as \(expected), published as \(found)")
        }
    }

    fileprivate var superfluous: [Finding] {
        let known = Set(stored.events.map(\.id))
        var seen: Set<String> = []
        return published.compactMap { event in
            if !known.contains(event.id) {
                return Finding(event.aggregate, "\(event.type) \(event.id) is not stored")
            }
            if seen.insert(event.id).inserted { return nil }
            return Finding(event.aggregate, "\(event.type) \(event.id) is on the stream again")
        }
    }
}

extension LedgerLine {
    /// What it adds to what is kept of the customer's money.
    fileprivate var signedCents: Int64 { kind == "debit" ? cents : kind == "void" ? -cents : 0 }
}
