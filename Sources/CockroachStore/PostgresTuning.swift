/// What makes the tables serve better on PostgreSQL alone; nothing depends on it.
enum PostgresTuning {
    /// Settings of tables, which may be set again at any time.
    static let statements = [
        // Room on each page, so that a transition's new row lies beside the old one and no index
        // has to be touched. Vacuum comes after 2 % of the rows have died, not 20 %.
        "ALTER TABLE sagas SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02)",
        "ALTER TABLE aggregates SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02)",
        // A queue: nearly empty, but every event passes through it.
        "ALTER TABLE event_outbox SET (autovacuum_vacuum_scale_factor = 0, "
            + "autovacuum_vacuum_threshold = 10000)",
    ]
}
