import Foundation
import GRDB
import SagaCore
import SagaRuntime

extension UniqueID {
    /// The sixteen bytes, in the order in which the text form shows them.
    var blob: Data {
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { Data($0) }
    }
}

/// Reads columns by their place. What does not fit its column's type means that another program
/// wrote into the file, so it throws.
extension Row {
    func bytes(_ place: Int) throws -> [UInt8] {
        try withUnsafeData(atIndex: place) { content in
            guard let content else { throw misfit(place, expected: "bytes") }
            return Array(content)
        }
    }

    func uniqueID(_ place: Int) throws -> UniqueID {
        try withUnsafeData(atIndex: place) { content in
            guard let content, content.count == 16 else {
                throw misfit(place, expected: "the 16 bytes of a UUID")
            }
            return content.withUnsafeBytes { bytes in
                UniqueID(
                    high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                    low: UInt64(
                        bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
            }
        }
    }

    func instant(_ place: Int) -> Instant { Instant(microseconds: self[place]) }

    func instantIfAny(_ place: Int) -> Instant? {
        (self[place] as Int64?).map { Instant(microseconds: $0) }
    }

    private func misfit(_ place: Int, expected: String) -> StoreError {
        let name = columnNames.dropFirst(place).first ?? "?"
        return StoreError(
            .unexpected, "the column \(name) must hold \(expected), found something else")
    }
}

extension DefinitionRecord {
    /// The row of ``Statements/definitions``.
    init(_ row: Row) throws {
        self.init(name: row[0], version: row[1], hash: try row.bytes(2), source: row[3])
    }
}

extension SagaRecord {
    /// The row of ``Statements/saga``.
    init(_ row: Row) throws {
        let name: String = row[5]
        guard let status = SagaStatus(rawValue: name) else {
            throw StoreError(
                .unexpected,
                "the column status holds '\(name)', which this program does not know: a newer "
                    + "sagad wrote it")
        }
        let identity = SagaIdentity(
            id: try row.uniqueID(0), name: row[1], definitionVersion: row[2], key: row[3])
        self.init(
            identity: identity, version: row[4], status: status, input: try row.bytes(6),
            state: try row.bytes(7), wakeAt: row.instantIfAny(8), startedAt: row.instant(9),
            updatedAt: row.instant(10), endedAt: row.instantIfAny(11), needsPerson: row[12])
    }
}

extension RecordedEvent {
    /// The row of ``Statements/events``.
    init(_ row: Row) throws {
        let text: String? = row[5]
        let viewText: String? = row[9]
        let event = NewEvent(
            id: row[0], aggregateType: row[1], aggregateID: row[2], stream: row[3], type: row[4],
            body: text.map { Array($0.utf8) }, viewData: viewText.map { Array($0.utf8) })
        let hasSaga = !row.hasNull(atIndex: 7)
        self.init(
            event: event, version: row[6], sagaID: hasSaga ? try row.uniqueID(7) : nil,
            recordedAt: row.instant(8))
    }
}

// MARK: Text that no database keeps

extension SagaStart {
    /// Why a text of the start cannot be stored; nil where it can.
    var unstorableText: String? {
        let texts = [identity.name, identity.key, idempotency?.key ?? ""]
        return texts.lazy.compactMap(unstorable).first ?? transition.unstorableText
    }
}

extension Transition {
    /// Why a text of the transition cannot be stored; nil where it can.
    var unstorableText: String? { events.lazy.compactMap(\.unstorableText).first }
}

extension NewEvent {
    /// The data as text; nil where there is none.
    var text: String? { body.map { String(decoding: $0, as: UTF8.self) } }

    /// What the event adds to its aggregate's view, as text; nil where that is nothing.
    var viewText: String? { viewData.map { String(decoding: $0, as: UTF8.self) } }

    fileprivate var unstorableText: String? {
        let texts = [id, aggregateType, aggregateID, stream, type]
        if let reason = texts.lazy.compactMap(unstorable).first { return reason }
        guard let body else { return nil }
        guard let text = String(validating: body, as: UTF8.self) else {
            return "the data of event \(id) is not UTF-8"
        }
        return unstorable(text)
    }
}

/// SQLite's text ends at U+0000, and the other databases refuse it.
private func unstorable(_ text: String) -> String? {
    text.utf8.contains(0) ? "a text holds U+0000, which no database keeps" : nil
}
