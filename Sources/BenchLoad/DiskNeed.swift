import Glibc
import LoadClient

/// How much disk a number of sagas needs, by what a few of them took.
struct DiskNeed: Sendable, Equatable {
    /// What one saga takes in all tables and their indexes, in bytes.
    var bytesPerSaga: Double
    /// How many there are to be.
    var sagas: Int

    /// The log that PostgreSQL keeps at its usual settings, and what sorting indexes needs, beside
    /// the tables.
    private static let besides: Double = 4 * 1024 * 1024 * 1024
    /// Tables that were written at once are denser than those that grew; none counts on it.
    private static let margin = 1.2

    /// In bytes.
    var bytes: Int64 { Int64(bytesPerSaga * Double(sagas) * Self.margin + Self.besides) }

    /// In words.
    func summary(free: Int64) -> String {
        "\(sagas) sagas need \(Self.gibibytes(bytes)) GiB of disk "
            + "(\(Figures.text(bytesPerSaga / 1024)) KiB a saga); \(Self.gibibytes(free)) are free"
    }

    /// Fails where that much is not free.
    func check(free: Int64) throws(LaunchFailure) {
        guard bytes <= free else {
            throw LaunchFailure(
                description: "\(summary(free: free)): set TMPDIR to a folder with more, or name "
                    + "fewer with --grown")
        }
    }

    /// The bytes that are free in a folder's file system for us.
    static func free(in folder: String) throws(LaunchFailure) -> Int64 {
        var figures = statvfs()
        guard statvfs(folder, &figures) == 0 else {
            throw LaunchFailure(description: "\(folder): its file system cannot be looked at")
        }
        return Int64(figures.f_bavail) * Int64(figures.f_frsize)
    }

    private static func gibibytes(_ bytes: Int64) -> String {
        Figures.text(Double(bytes) / Double(1 << 30))
    }
}
