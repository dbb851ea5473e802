import PostgreSQL
import SagaCore
import SagaRuntime

/// The events of a batch as columns, each with its row's place in the batch, its own place among
/// that row's events, and the number of its aggregate.
///
/// The numbers follow the aggregates' names byte by byte, so that all statements take aggregates
/// in one order, and the database need not compare names to sort them.
struct EventColumns {
    private struct Entry {
        let ordinal: Int
        let place: Int
        let event: NewEvent
        /// The aggregate's type and identity, parted by a zero, which neither can hold.
        let aggregate: [UInt8]
        let isOutside: Bool
    }

    /// Where the events of a statement come from.
    enum Source {
        /// Sagas raised all of them, or none: they are told apart by the row.
        case ofSagas
        /// Sagas raised some, and others come from outside in a saga's row.
        case ofSagasAndOthers

        var hasOthers: Bool { self == .ofSagasAndOthers }

        /// The types of the columns.
        var columnTypes: [ParameterType] {
            let types: [ParameterType] = [
                .int4Array, .int2Array, .int4Array, .textArray, .textArray, .textArray, .textArray,
                .textArray, .textArray,
            ]
            return hasOthers ? types + [.boolArray, .textArray] : types
        }

        /// The types of the columns, then that of the feed's number.
        var types: [ParameterType] { columnTypes + [.int2] }
    }

    private var entries: [Entry] = []

    /// Adds a row's events, of which the one at the place `appended` comes from outside.
    mutating func add(_ events: [NewEvent], of ordinal: Int, appended: Int? = nil) {
        for (place, event) in events.enumerated() {
            let aggregate = event.aggregateType.utf8 + [0] + event.aggregateID.utf8
            entries.append(
                Entry(
                    ordinal: ordinal, place: place, event: event, aggregate: Array(aggregate),
                    isOutside: place == appended))
        }
    }

    /// Appends the columns, then the number of the feed that the statement takes.
    func append(_ source: Source, feed: Int16, to parameters: inout Parameters) {
        let sorted = entries.sorted { $0.aggregate.lexicographicallyPrecedes($1.aggregate) }
        var numbers: [Int32] = []
        numbers.reserveCapacity(sorted.count)
        for (index, entry) in sorted.enumerated() {
            let isAnother = index > 0 && sorted[index - 1].aggregate != entry.aggregate
            numbers.append((numbers.last ?? 0) + (isAnother ? 1 : 0))
        }
        parameters.append(int4Array: sorted.map { Int32($0.ordinal) })
        parameters.append(int2Array: sorted.map { Int16($0.place) })
        parameters.append(int4Array: numbers)
        parameters.append(textArray: sorted.map(\.event.id))
        parameters.append(textArray: sorted.map(\.event.aggregateType))
        parameters.append(textArray: sorted.map(\.event.aggregateID))
        parameters.append(textArray: sorted.map(\.event.stream))
        parameters.append(textArray: sorted.map(\.event.type))
        parameters.append(
            textArray: sorted.map { $0.event.body.map { String(decoding: $0, as: UTF8.self) } })
        if source.hasOthers {
            parameters.append(boolArray: sorted.map(\.isOutside))
            parameters.append(
                textArray: sorted.map {
                    $0.event.viewData.map { String(decoding: $0, as: UTF8.self) }
                })
        }
        parameters.append(int2: feed)
    }
}

extension Transition {
    /// Why the database could not store this row, found before it is asked; nil where it can.
    var problem: String? {
        guard events.count <= Int(Int16.max) else { return "it raises too many events" }
        for event in events {
            if let problem = event.problem { return problem }
        }
        return nil
    }
}

extension NewEvent {
    fileprivate var problem: String? {
        guard (1...255).contains(id.utf8.count) else {
            return "an event's id must have 1 to 255 bytes"
        }
        guard [id, aggregateType, aggregateID, stream, type].allSatisfy(Parameters.canStore) else {
            return "event \(type): its texts must not hold U+0000"
        }
        guard let body else { return nil }
        guard (try? UTF8Span(validating: body.span)) != nil else {
            return "event \(type): its data must be UTF-8"
        }
        return body.contains(0) ? "event \(type): its data must not hold U+0000" : nil
    }
}

extension UniqueID {
    var pair: (UInt64, UInt64) { (high, low) }
}
