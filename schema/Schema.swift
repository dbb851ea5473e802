/// One file of SQL that brings a database from one state of its tables to the next.
package struct Migration: Sendable {
    /// Its number, from 1; a later one has a greater number.
    package let number: Int
    /// What it does: the file's name without its number, such as `create_sagas`.
    package let name: String
    /// The file's text; its statements run in order, each as a transaction of its own.
    package let sql: String

    /// The number in four digits and the name, as the file is called.
    package var label: String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "_" + name
    }

    init(_ number: Int, _ name: String, _ bytes: [UInt8]) {
        self.number = number
        self.name = name
        sql = String(decoding: bytes, as: UTF8.self)
    }
}

/// The tables of this program as the files beside this one state them, in order, forward only.
package enum Migrations {
    /// For CockroachDB and PostgreSQL.
    package static let portable = [
        Migration(1, "create_leases", PackageResources._001_create_leases_sql),
        Migration(2, "create_migrations", PackageResources._002_create_migrations_sql),
        Migration(3, "create_sagas", PackageResources._003_create_sagas_sql),
        Migration(4, "create_saga_journal", PackageResources._004_create_saga_journal_sql),
        Migration(5, "create_aggregates", PackageResources._005_create_aggregates_sql),
        Migration(6, "create_events", PackageResources._006_create_events_sql),
        Migration(7, "create_event_outbox", PackageResources._007_create_event_outbox_sql),
        Migration(8, "create_idempotency_keys", PackageResources._008_create_idempotency_keys_sql),
        Migration(9, "create_definitions", PackageResources._009_create_definitions_sql),
        Migration(10, "add_needs_person", PackageResources._010_add_needs_person_sql),
        Migration(
            11, "create_sagas_needing_person",
            PackageResources._011_create_sagas_needing_person_sql),
        Migration(12, "create_saga_timers", PackageResources._012_create_saga_timers_sql),
        Migration(13, "copy_saga_timers", PackageResources._013_copy_saga_timers_sql),
        Migration(14, "drop_sagas_wake_at", PackageResources._014_drop_sagas_wake_at_sql),
        Migration(15, "add_event_ids", PackageResources._015_add_event_ids_sql),
        Migration(16, "create_views", PackageResources._016_create_views_sql),
        Migration(17, "create_orders", PackageResources._017_create_orders_sql),
        Migration(20, "create_event_feeds", PackageResources._020_create_event_feeds_sql),
        Migration(21, "number_events", PackageResources._021_number_events_sql),
        Migration(22, "create_streams", PackageResources._022_create_streams_sql),
        Migration(23, "create_members", PackageResources._023_create_members_sql),
        Migration(24, "create_faults", PackageResources._024_create_faults_sql),
    ]

    /// For SQLite.
    package static let sqlite = [
        Migration(1, "create_sqlite_tables", PackageResources._001_create_sqlite_tables_sql),
        Migration(2, "add_needs_person", PackageResources._002_add_needs_person_sql),
        Migration(3, "create_views", PackageResources._003_create_views_sql),
        Migration(20, "add_event_feed", PackageResources._020_add_event_feed_sql),
        Migration(21, "create_streams", PackageResources._021_create_streams_sql),
        Migration(22, "create_faults", PackageResources._022_create_faults_sql),
    ]
}
