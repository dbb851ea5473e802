import SagaRuntime

/// The read model.
extension Statements {
    private static let viewColumns = """
        v.collection, v.id, v.version, v.rebuild, v.status, v.customer_id, v.created_at,
        v.updated_at, v.document
        """

    static let putView = """
        INSERT INTO views (
            collection, id, version, rebuild, status, customer_id, created_at, updated_at, document)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id, collection) DO UPDATE SET
            version = excluded.version, rebuild = excluded.rebuild, status = excluded.status,
            customer_id = excluded.customer_id, created_at = excluded.created_at,
            updated_at = excluded.updated_at, document = excluded.document
        WHERE (views.rebuild = excluded.rebuild AND views.version < excluded.version)
            OR (views.rebuild < excluded.rebuild AND views.version <= excluded.version)
        """
    static let view = """
        SELECT \(viewColumns) FROM views v WHERE v.collection = ? AND v.id = ?
        """
    static let aggregateVersion = """
        SELECT version FROM aggregates WHERE aggregate_type = ? AND aggregate_id = ?
        """
    static let aggregatePage = """
        SELECT a.aggregate_type, a.aggregate_id, a.version,
            CASE WHEN ifnull(v.version, 0) < a.version THEN (
                SELECT e.recorded_at FROM events e
                WHERE e.aggregate_no = a.aggregate_no AND e.version = a.version)
            END
        FROM aggregates a
        LEFT JOIN views v ON v.id = a.aggregate_id AND v.collection = a.aggregate_type
        WHERE (a.aggregate_id, a.aggregate_type) > (?, ?)
        ORDER BY a.aggregate_id, a.aggregate_type LIMIT \(StoreLimits.pageAggregates)
        """

    private static let listed = """
        AND v.created_at >= ? AND v.created_at < ? AND (v.created_at, v.id) < (?, ?)
        ORDER BY v.created_at DESC, v.id DESC LIMIT ?
        """
    /// Left to itself, SQLite takes the index over the time for each list.
    static let listViews = "SELECT \(viewColumns) FROM views v WHERE v.collection = ? \(listed)"
    static let listViewsOfStatus = """
        SELECT \(viewColumns) FROM views v INDEXED BY views_status
        WHERE v.collection = ? AND v.status = ? \(listed)
        """
    static let listViewsOfCustomer = """
        SELECT \(viewColumns) FROM views v INDEXED BY views_customer
        WHERE v.collection = ? AND v.customer_id = ? \(listed)
        """
    static let listViewsOfCustomerAndStatus = """
        SELECT \(viewColumns) FROM views v INDEXED BY views_customer
        WHERE v.collection = ? AND v.customer_id = ? AND v.status = ? \(listed)
        """
}
