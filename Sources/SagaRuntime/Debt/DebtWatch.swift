package import Logging
import SagaCore
import CoreMetrics

/// Looks at what sagas owe again and again: counts it, and says so when something new is owed.
///
/// Of several daemons the one that holds the first shard looks, so that each debt is told once.
package struct DebtWatch: Sendable {
    private let reader: DebtReader
    private let clock: any SagaClock
    private let isOurs: @Sendable () -> Bool
    private let logger: Logger

    /// How often it looks.
    package static let look: Duration = .seconds(30)
    /// The most sagas that one look reads; of more it counts these, the newest.
    package static let sagasMax = 10_000
    private static let page = 500

    /// What is owed, by what it is.
    struct Sums: Equatable {
        /// Steps of which nobody knows whether they were done.
        var stuckSteps = 0
        /// Compensations that need an operator.
        var stuckCompensations = 0
        /// Compensations that are driven on, and were not answered for long.
        var openCompensations = 0
        /// The age of the oldest.
        var oldest: Duration = .zero
    }

    fileprivate struct Mark: Hashable {
        var saga: SagaID
        var path: NodePath
        var kind: Debt.Kind
        var isStuck: Bool
    }

    /// The watch over what that reader reads.
    ///
    /// - Parameter isOurs: whether this daemon is the one that looks.
    package init(
        reader: DebtReader, clock: any SagaClock, isOurs: @escaping @Sendable () -> Bool,
        logger: Logger
    ) {
        self.reader = reader
        self.clock = clock
        self.isOurs = isOurs
        self.logger = logger
    }

    /// Looks until the task is cancelled.
    package func run() async {
        var known = Known()
        repeat {
            await look(&known)
        } while (try? await clock.sleep(until: clock.now() + Self.look)) != nil
    }

    /// What was told already.
    struct Known {
        fileprivate var marks: Set<Mark> = []
    }

    /// Looks once; answers what was counted, nil where another daemon looks or the store is away.
    @discardableResult
    func look(_ known: inout Known) async -> Sums? {
        guard isOurs() else {
            DebtMetrics.record(Sums())
            return nil
        }
        guard let debts = await read() else { return nil }
        var marks: Set<Mark> = []
        for record in debts {
            let mark = Mark(
                saga: record.saga.id, path: record.debt.path, kind: record.debt.kind,
                isStuck: record.debt.stuckReason != nil)
            marks.insert(mark)
            if !known.marks.contains(mark) { tell(record) }
        }
        known.marks = marks
        let sums = sums(of: debts)
        DebtMetrics.record(sums)
        return sums
    }

    private func read() async -> [DebtRecord]? {
        var query = SagaQuery()
        query.limit = Self.page
        var (debts, count): ([DebtRecord], Int) = ([], 0)
        do {
            repeat {
                let page = try await reader.page(query)
                debts += page.debts
                count += Self.page
                query.after = page.after
            } while query.after != nil && count < Self.sagasMax
            return debts
        } catch {
            logger.debug("debt cannot be read", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private func sums(of debts: [DebtRecord]) -> Sums {
        var sums = Sums()
        for record in debts {
            switch (record.debt.kind, record.debt.stuckReason) {
            case (.step, _): sums.stuckSteps += 1
            case (.compensation, nil): sums.openCompensations += 1
            case (.compensation, _?): sums.stuckCompensations += 1
            }
            sums.oldest = max(sums.oldest, clock.now() - record.since)
        }
        return sums
    }

    private func tell(_ record: DebtRecord) {
        var metadata: Logger.Metadata = [
            "saga": "\(record.saga.name)", "key": "\(record.saga.key)",
            "saga_id": "\(record.saga.id)", "step": "\(record.debt.path)",
            "since": "\(record.since)",
        ]
        if let amount = record.amount { metadata["amount"] = "\(amount)" }
        if let reason = record.debt.stuckReason {
            metadata["reason"] = "\(reason)"
            logger.error(
                record.debt.kind == .step
                    ? "a step is stuck: an operator has to say what became of it"
                    : "a compensation is stuck: an operator has to see to it",
                metadata: metadata)
        } else {
            logger.warning("a compensation goes unanswered, and is sent on", metadata: metadata)
        }
    }
}

/// What is counted of debt, behind swift-metrics.
enum DebtMetrics {
    private static let steps = gauge("step", "stuck")
    private static let stuck = gauge("compensation", "stuck")
    private static let open = gauge("compensation", "open")
    private static let oldest = Gauge(label: "sagad_debt_oldest_seconds")

    private static func gauge(_ kind: String, _ state: String) -> Gauge {
        Gauge(label: "sagad_debt", dimensions: [("kind", kind), ("state", state)])
    }

    static func record(_ sums: DebtWatch.Sums) {
        steps.record(sums.stuckSteps)
        stuck.record(sums.stuckCompensations)
        open.record(sums.openCompensations)
        oldest.record(Double(sums.oldest.components.seconds))
    }
}
