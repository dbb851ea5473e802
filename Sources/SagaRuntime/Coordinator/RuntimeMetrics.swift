import CoreMetrics
import SagaCore

/// What the coordinator counts and times, behind swift-metrics.
enum RuntimeMetrics {
    static let started = Counter(label: "sagad_sagas_started_total")
    static let transitions = Counter(label: "sagad_transitions_total")
    static let conflicts = Counter(label: "sagad_conflicts_total")
    static let poisoned = Counter(label: "sagad_poisoned_total")
    static let deadLetters = Counter(label: "sagad_dead_letters_total")
    static let ignored = Counter(label: "sagad_inputs_ignored_total")
    static let commands = Counter(label: "sagad_commands_published_total")
    static let unpublished = Counter(label: "sagad_publishes_failed_total")
    static let events = Counter(label: "sagad_events_published_total")
    static let repaired = Counter(label: "sagad_events_swept_total")
    static let appended = Counter(label: "sagad_events_appended_total")
    static let absorbed = Counter(label: "sagad_events_absorbed_total")
    static let storeFaults = Counter(label: "sagad_store_faults_total")
    static let commitTime = Timer(label: "sagad_commit_seconds")
    static let batchSize = Recorder(label: "sagad_batch_transitions")

    /// Made once: finding a metric by its name costs more than counting.
    private static let ends = Dictionary(
        uniqueKeysWithValues: SagaStatus.allCases.map { status in
            let dimensions = [("status", status.rawValue)]
            return (status, Counter(label: "sagad_sagas_ended_total", dimensions: dimensions))
        })

    static func ended(_ status: SagaStatus) { ends[status]?.increment() }

    /// What waits in a lane; to be made once, as each making looks it up by its name.
    static func queue(lane: String) -> Gauge {
        Gauge(label: "sagad_queue_inputs", dimensions: [("lane", lane)])
    }
}
