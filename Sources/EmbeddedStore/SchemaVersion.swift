import Foundation
import GRDB
import SagaRuntime
import Schema

/// Which migrations a file has, against those of this program.
enum SchemaVersion {
    /// Runs what the file lacks, each migration in a transaction of its own.
    static func migrate(_ database: Database, path: String) throws {
        try database.execute(sql: Statements.createMigrations)
        try refuseNewer(try applied(database), path: path)
        for migration in Migrations.sqlite {
            try database.inTransaction(.immediate) {
                guard try applied(database) < migration.number else { return .rollback }
                try database.execute(sql: migration.sql)
                let now = Int64(Date().timeIntervalSince1970 * 1_000_000)
                try database.execute(
                    sql: Statements.insertMigration,
                    arguments: [migration.number, migration.name, now])
                return .commit
            }
        }
    }

    /// Throws ``StoreError/Kind/schema`` unless the file has all of them and no other.
    static func check(_ database: Database, path: String) throws {
        let wanted = newest
        guard try database.tableExists("migrations") else {
            throw StoreError(
                .schema, "the database \(path) has no tables: run 'sagad migrate' first")
        }
        let found = try applied(database)
        try refuseNewer(found, path: path)
        guard found == wanted else {
            throw StoreError(
                .schema,
                "the database \(path) is at migration \(found), this program needs \(wanted): "
                    + "run 'sagad migrate'")
        }
    }

    private static var newest: Int { Migrations.sqlite.last?.number ?? 0 }

    private static func applied(_ database: Database) throws -> Int {
        try Int.fetchOne(database, sql: Statements.lastMigration) ?? 0
    }

    private static func refuseNewer(_ found: Int, path: String) throws {
        let known = newest
        guard found > known else { return }
        throw StoreError(
            .schema,
            "the database \(path) is at migration \(found), this program knows \(known): "
                + "a newer sagad has used it; run that one")
    }
}
