import LoadClient

/// Sagas of which a fifth is rejected and has its payment voided.
struct RejectionFigures: Sendable {
    var saturation: SaturationFigures
    /// At fixed rates, the lowest first.
    var rates: [RateFigures]
}

/// Orders taken while no participant answers.
struct IntakeFigures: Sendable, Throughput {
    var orders: Int
    /// From the first posting to the last answer.
    var elapsed: Duration
    /// Until an order was answered.
    var answers: Latencies
    var costs: [ProcessCost]
    var memory: ProcessFigures
    /// From then until all of these sagas had ended, with the participants back.
    var drained: Duration

    var count: Int { orders }
}

/// The same load on a number of daemons.
struct DaemonsFigures: Sendable {
    /// How many daemons there were.
    var daemons: Int
    var saturation: SaturationFigures
    var conflicts: Conflicts
}

/// What several writers cost one another.
struct Conflicts: Sendable, Equatable {
    /// Transactions that the daemons committed.
    var commits: Int
    /// Transitions that found their saga changed, and were decided again.
    var versions: Int
    /// Transactions that the database rolled back, those of version conflicts not among them.
    var rollbacks: Int

    /// Both for each commit.
    var share: Double { Double(versions + rollbacks) / Double(max(commits, 1)) }

    /// What has come since an earlier count.
    func since(_ earlier: Conflicts) -> Conflicts {
        Conflicts(
            commits: commits - earlier.commits, versions: versions - earlier.versions,
            rollbacks: rollbacks - earlier.rollbacks)
    }
}

/// Sagas that wait for a day.
struct WaitingFigures: Sendable {
    var sagas: Int
    /// How many were taken per second.
    var takenPerSecond: Double
    /// The daemon's memory when nothing has come yet, in bytes.
    var idleBytes: Int64
    /// Its memory once all of them wait.
    var waitingBytes: Int64
    /// Its memory after a new start, when all have been looked after.
    var restartedBytes: Int64
    /// From a start until it is ready, without any saga.
    var startedEmpty: Duration
    /// From a start until it is ready, with all of them waiting.
    var started: Duration
    /// From the start of their participant until the first has ended.
    var firstEnd: Duration
    /// From the start of their participant until all have ended.
    var resumed: Duration

    /// How many ended per second.
    var resumedPerSecond: Double { Double(sagas) / resumed.inSeconds }
}
