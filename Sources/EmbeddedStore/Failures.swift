import GRDB
import SagaRuntime

extension StoreError {
    /// The fault behind an error of SQLite's; a ``StoreError`` stays as it is.
    init(_ error: any Error, path: String) {
        if let error = error as? StoreError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self.init(.unexpected, "the database \(path): \(error)")
            return
        }
        let (kind, advice) = Self.meaning(of: error)
        let found = error.message ?? "no message"
        self.init(
            kind, "the database \(path) failed with \(error.resultCode): \(found); \(advice)")
    }

    private static func meaning(of error: DatabaseError) -> (Kind, String) {
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            (.unavailable, "another program has held a lock for too long: let it finish")
        case .SQLITE_FULL: (.unavailable, "the disk is full: make room")
        case .SQLITE_IOERR, .SQLITE_NOMEM, .SQLITE_INTERRUPT:
            (.unavailable, "look at the disk and the memory, then try again")
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY, .SQLITE_AUTH:
            (.refused, "the file and its folder must be writable for this user")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            (.refused, "the file is damaged or no SQLite database: restore it from a backup")
        case .SQLITE_ERROR where error.message?.hasPrefix("no such") ?? false:
            (.schema, "run 'sagad migrate'")
        default: (.unexpected, "this is a bug: please report it")
        }
    }
}

extension DatabaseError {
    /// Whether one row breaks a rule of the tables, so that its neighbours can be stored without it.
    var isOfOneRow: Bool {
        resultCode == .SQLITE_CONSTRAINT || resultCode == .SQLITE_TOOBIG
    }
}
