import PostgreSQL
import SagaRuntime

/// How much goes into one statement.
enum Portions {
    /// The most bytes of parameters; CockroachDB takes no 16 MiB.
    static let bytesMax = 4 * 1024 * 1024
    /// The most rows of an answer, at 31 bytes each: beyond 12 KiB CockroachDB may no longer be
    /// able to run the statement again by itself.
    static let answerRowsMax = 384

    /// Parts a batch's places, in their order, into those that fit into one statement each.
    static func parted(
        _ places: [Int], size: (Int) -> Int, answerRows: (Int) -> Int
    ) -> [[Int]] {
        var portions: [[Int]] = []
        var portion: [Int] = []
        var bytes = 0
        var rows = 0
        for place in places {
            bytes += size(place)
            rows += answerRows(place)
            if !portion.isEmpty, bytes > bytesMax || rows > answerRowsMax {
                portions.append(portion)
                portion = []
                bytes = size(place)
                rows = answerRows(place)
            }
            portion.append(place)
        }
        return portion.isEmpty ? portions : portions + [portion]
    }
}

extension Transition {
    /// How many rows the answer to it has.
    var answerRows: Int { max(1, events.count) }
}

/// What a statement that stores transitions or starts answers: which rows were stored, and the
/// versions of their events.
struct StoredRows {
    /// By the row's place in the statement; the versions in the order of the events.
    let versions: [Int: [Int64]]

    init(_ rows: Rows) throws(PostgresError) {
        var byPlace: [Int: [(place: Int64, version: Int64)]] = [:]
        for row in rows {
            let ordinal = Int(try row.int(0))
            guard let place = try row.optionalInt(1) else {
                byPlace[ordinal] = []
                continue
            }
            byPlace[ordinal, default: []].append((place, try row.int(2)))
        }
        versions = byPlace.mapValues { events in
            events.sorted { $0.place < $1.place }.map(\.version)
        }
    }
}
