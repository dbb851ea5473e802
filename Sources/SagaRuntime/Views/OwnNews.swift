import SagaCore

/// Which messages of a stream this daemon published itself and has been told of: their news tell
/// nothing new.
struct OwnNews {
    /// Messages in a row, by their numbers in the stream.
    private var rows: [ClosedRange<UInt64>] = []
    /// When the last of them was published.
    private var latest = Instant(microseconds: .min)

    /// The most rows that are kept; beyond it the earliest go, whose news are then looked into.
    static let rowsMax = 4096
    /// How much the clock of the broker may be ahead of this daemon's.
    static let clockTolerance: Duration = .seconds(1)

    /// Adds a message that this daemon published.
    ///
    /// A number that is given out twice is that of a stream that was made anew: what was known of
    /// the former one is forgotten.
    mutating func add(_ sequence: UInt64, isDuplicate: Bool, at now: Instant) {
        if contains(sequence) {
            if isDuplicate { return }
            rows = []
        }
        latest = max(latest, now)
        var place = rows.count
        while place > 0, rows[place - 1].lowerBound > sequence { place -= 1 }
        rows.insert(sequence...sequence, at: place)
        join(at: place)
        if place > 0 { join(at: place - 1) }
        if rows.count > Self.rowsMax { rows.removeFirst(rows.count - Self.rowsMax) }
    }

    /// Whether the news are of a message that this daemon published.
    ///
    /// Where the stream took the message after the last one from here, it is another stream of
    /// that name.
    func tells(_ news: EventNews) -> Bool {
        contains(news.sequence) && news.at <= latest + Self.clockTolerance
    }

    /// Makes one row of two that touch.
    private mutating func join(at place: Int) {
        guard place + 1 < rows.count, rows[place].upperBound + 1 == rows[place + 1].lowerBound
        else { return }
        rows[place] = rows[place].lowerBound...rows[place + 1].upperBound
        rows.remove(at: place + 1)
    }

    private func contains(_ sequence: UInt64) -> Bool {
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].upperBound < sequence { low = middle + 1 } else { high = middle }
        }
        return low < rows.count && rows[low].contains(sequence)
    }
}
