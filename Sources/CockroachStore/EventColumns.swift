import PostgreSQL
import SagaCore
import SagaRuntime

/// The events of a batch as columns, each with its transition's place in the batch and its own place
/// among that transition's events.
struct EventColumns {
    private var ordinals: [Int32] = []
    private var places: [Int16] = []
    private var ids: [String] = []
    private var aggregateTypes: [String] = []
    private var aggregateIDs: [String] = []
    private var streams: [String] = []
    private var types: [String] = []
    private var bodies: [String?] = []

    static let types: [ParameterType] = [
        .int4Array, .int2Array, .textArray, .textArray, .textArray, .textArray, .textArray,
        .textArray,
    ]

    mutating func add(_ events: [NewEvent], of ordinal: Int) {
        for (place, event) in events.enumerated() {
            ordinals.append(Int32(ordinal))
            places.append(Int16(place))
            ids.append(event.id)
            aggregateTypes.append(event.aggregateType)
            aggregateIDs.append(event.aggregateID)
            streams.append(event.stream)
            types.append(event.type)
            bodies.append(event.body.map { String(decoding: $0, as: UTF8.self) })
        }
    }

    func append(to parameters: inout Parameters) {
        parameters.append(int4Array: ordinals)
        parameters.append(int2Array: places)
        parameters.append(textArray: ids)
        parameters.append(textArray: aggregateTypes)
        parameters.append(textArray: aggregateIDs)
        parameters.append(textArray: streams)
        parameters.append(textArray: types)
        parameters.append(textArray: bodies)
    }
}

extension Transition {
    /// Why the database could not store this row, found before it is asked; nil where it can.
    var problem: String? {
        for event in events {
            guard (1...255).contains(event.id.utf8.count) else {
                return "an event's id must have 1 to 255 bytes"
            }
            let texts = [event.id, event.aggregateType, event.aggregateID, event.stream, event.type]
            guard texts.allSatisfy(Parameters.canStore) else {
                return "event \(event.type): its texts must not hold U+0000"
            }
            if let body = event.body {
                guard let text = String(validating: body, as: UTF8.self) else {
                    return "event \(event.type): its data must be UTF-8"
                }
                guard Parameters.canStore(text) else {
                    return "event \(event.type): its data must not hold U+0000"
                }
            }
        }
        return nil
    }
}

extension UniqueID {
    var pair: (UInt64, UInt64) { (high, low) }
}
