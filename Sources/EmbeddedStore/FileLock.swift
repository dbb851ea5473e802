import Foundation
import Glibc
import SagaRuntime
import Synchronization

/// Keeps other daemons away from a database file, by a lock on a file beside it.
///
/// The database file itself must stay untouched: SQLite's own locks on it end when any descriptor
/// of it is closed. The lock ends with the process at the latest.
final class FileLock: Sendable {
    private let descriptor: Mutex<Int32?>

    /// Takes the lock, or throws where another holder has it.
    init(forDatabaseAt path: String) throws {
        let lockPath = Self.canonical(path) + ".lock"
        let file = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else {
            throw StoreError(
                .refused,
                "cannot open \(lockPath): \(String(cString: strerror(errno))); the database's "
                    + "folder must exist and be writable")
        }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let holder = Self.read(file)
            Glibc.close(file)
            let process = holder.isEmpty ? "" : " (process \(holder))"
            throw StoreError(
                .refused,
                "the database \(path) is in use by another sagad\(process): an SQLite file serves "
                    + "one daemon; stop the other or give this one a file of its own")
        }
        Self.write("\(getpid())", to: file)
        descriptor = Mutex(file)
    }

    deinit { release() }

    /// Lets the next one have the file; harmless when repeated.
    func release() {
        let file = descriptor.withLock { descriptor in
            defer { descriptor = nil }
            return descriptor
        }
        if let file { Glibc.close(file) }
    }

    /// The path without links, so that two names of one file meet at one lock.
    private static func canonical(_ path: String) -> String {
        let url = URL(fileURLWithPath: path)
        if let resolved = realpath(path, nil) {
            defer { free(resolved) }
            return String(cString: resolved)
        }
        let folder = url.deletingLastPathComponent().path
        guard let resolved = realpath(folder, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved) + "/" + url.lastPathComponent
    }

    private static func read(_ file: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 20)
        let count = pread(file, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    private static func write(_ text: String, to file: Int32) {
        let bytes = Array(text.utf8)
        // Who holds the lock is told for the operator's sake only; a failure changes nothing.
        if ftruncate(file, 0) == 0 { _ = pwrite(file, bytes, bytes.count, 0) }
    }
}
