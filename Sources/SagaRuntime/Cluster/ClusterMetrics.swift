import CoreMetrics

/// What is counted of leases, behind swift-metrics.
enum ClusterMetrics {
    static let members = Gauge(label: "sagad_cluster_members")
    static let held = Gauge(label: "sagad_shards_held")
    static let taken = Counter(label: "sagad_shards_taken_total")
    static let given = Counter(label: "sagad_shards_given_total")
    static let lost = Counter(label: "sagad_shards_lost_total")
    static let timerLag = Gauge(label: "sagad_timer_lag_seconds")
    static let eventLag = Gauge(label: "sagad_event_lag_seconds")
}
