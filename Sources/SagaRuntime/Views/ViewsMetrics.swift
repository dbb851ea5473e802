import CoreMetrics

/// What projectors count, behind swift-metrics.
enum ViewsMetrics {
    static let written = Counter(label: "sagad_views_written_total")
    static let overtaken = Counter(label: "sagad_views_overtaken_total")
    static let swept = Counter(label: "sagad_views_swept_total")
    static let failed = Counter(label: "sagad_views_failed_total")
    static let lag = Gauge(label: "sagad_views_lag_seconds")
    static let roundTime = Timer(label: "sagad_views_round_seconds")
}
