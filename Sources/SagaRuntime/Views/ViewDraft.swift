import SagaCore

/// A view on its way to the version that is wanted of it.
struct ViewDraft {
    let key: ViewKey
    private var document = AggregateDocument()
    private let rebuild: Int64
    /// The version that is stored, as far as is known.
    private var stored: Int64 = 0

    /// The view before the first event, of the rebuild with that number.
    init(_ key: ViewKey, rebuild: Int64 = 0) {
        self.key = key
        self.rebuild = rebuild
    }

    /// The view as it was stored; one whose document cannot be read begins anew.
    init(_ record: ViewRecord) {
        key = record.key
        rebuild = record.rebuild
        guard let document = AggregateDocument(record) else { return }
        self.document = document
        stored = record.version
    }

    /// The version of the last event in it.
    var version: Int64 { document.version }

    /// What is to be stored; nil where nothing has changed.
    var change: ViewRecord? {
        version > stored ? ViewRecord(document, of: key, rebuild: rebuild) : nil
    }

    fileprivate var position: AggregatePosition { AggregatePosition(key: key, version: version) }

    /// Folds in those events that follow.
    mutating func apply(_ events: [RecordedEvent]) { document.apply(events) }
}

extension [ViewDraft] {
    /// Folds in what the event store has beyond those that are short of the version wanted, as far
    /// as it goes.
    mutating func complete(
        from store: any ViewStore, upTo wanted: (ViewDraft) -> Int64
    ) async throws {
        var short = indices.filter { self[$0].version < wanted(self[$0]) }
        while !short.isEmpty {
            let events = try await store.events(behind: short.map { self[$0].position })
            let byKey = Dictionary(grouping: events) { ViewKey($0.event) }
            var left: [Int] = []
            for place in short {
                guard let own = byKey[self[place].key] else { continue }
                self[place].apply(own)
                // Fewer than were asked for are all there are.
                if own.count >= StoreLimits.batchTail { left.append(place) }
            }
            short = left.filter { self[$0].version < wanted(self[$0]) }
        }
    }
}
