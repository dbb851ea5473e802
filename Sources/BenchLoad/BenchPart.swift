import ArgumentParser

/// A part of the bench, as `--only` names it.
package enum BenchPart: String, Sendable, CaseIterable, ExpressibleByArgument {
    /// Orders as fast as they are taken, with more and more sagas on their way.
    case saturation
    /// How long a saga takes at fixed rates.
    case latency
    /// Both again where a fifth of the reviews is rejected.
    case rejections
    /// Orders posted while no participant answers.
    case intake
    /// One, two and three daemons on one database.
    case daemons
    /// Sagas that wait for a day: memory, start, and how fast they resume.
    case waiting
    /// Events appended over gRPC.
    case appends
    /// All views made anew.
    case rebuild
    /// The daemon beside its rows and messages alone; only where it is named.
    case limit
    /// The load with many finished sagas in the tables; only where it is named.
    case growth
    /// The daemon beside its peers; only where it is named.
    case peers

    /// The parts that run where none is named.
    static let usual = Set(allCases).subtracting([.limit, .growth, .peers])

    /// The parts in a list of names parted by commas.
    ///
    /// - Throws: a message with the name that is none, and those that are.
    static func list(_ text: String) throws -> Set<BenchPart> {
        var parts: Set<BenchPart> = []
        for name in text.split(separator: ",") {
            guard let part = BenchPart(rawValue: String(name)) else {
                let names = allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("'\(name)' is no part of the bench; there are \(names)")
            }
            parts.insert(part)
        }
        guard !parts.isEmpty else { throw ValidationError("--only names no part of the bench") }
        return parts
    }
}

/// Where the sagas are kept.
package enum StoreKind: String, Sendable, CaseIterable, ExpressibleByArgument {
    /// PostgreSQL, with fsync on, at its own default, `READ COMMITTED`.
    case postgresql
    /// The same at `SERIALIZABLE`.
    case postgresqlSerializable = "postgresql-serializable"
    /// One SQLite file.
    case sqlite

    /// As tables name it.
    var title: String {
        switch self {
        case .postgresql: "PostgreSQL"
        case .postgresqlSerializable: "serializable"
        case .sqlite: "SQLite"
        }
    }

    /// Whether several daemons may share it.
    var isShared: Bool { self != .sqlite }
}
