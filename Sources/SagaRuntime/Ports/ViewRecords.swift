package import SagaCore

/// What names an aggregate and its view; compared by its bytes, as databases do.
package struct ViewKey: Sendable {
    /// The aggregate's type.
    package var collection: String
    /// The aggregate's identity.
    package var id: String

    /// The key with these parts.
    package init(collection: String, id: String) {
        self.collection = collection
        self.id = id
    }
}

extension ViewKey: Hashable, Comparable {
    /// Whether both have the same bytes.
    package static func == (left: ViewKey, right: ViewKey) -> Bool {
        left.id.utf8.elementsEqual(right.id.utf8)
            && left.collection.utf8.elementsEqual(right.collection.utf8)
    }

    /// Whether the left one's bytes come first.
    package static func < (left: ViewKey, right: ViewKey) -> Bool {
        if !left.collection.utf8.elementsEqual(right.collection.utf8) {
            return left.collection.utf8.lexicographicallyPrecedes(right.collection.utf8)
        }
        return left.id.utf8.lexicographicallyPrecedes(right.id.utf8)
    }

    /// Hashes the bytes of the identity, which tells nearly all keys apart.
    package func hash(into hasher: inout Hasher) {
        var id = id
        id.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

extension ViewKey {
    /// The key of the aggregate that an event belongs to.
    package init(_ event: NewEvent) {
        self.init(collection: event.aggregateType, id: event.aggregateID)
    }

    /// The view's shard.
    package var shard: Int {
        UniqueID(high: 0, low: 0).derived(id).shard(of: StoreLimits.shards)
    }
}

/// An aggregate's document as the read model keeps it: the fold of its first `version` events.
package struct ViewRecord: Equatable, Sendable {
    /// The aggregate.
    package var key: ViewKey
    /// The version of the last event in the document, from 1.
    package var version: Int64
    /// The rebuild that the document was made by: its start in microseconds since 1970; 0 where
    /// none was. A document that goes on from another one keeps that one's.
    package var rebuild: Int64
    /// The document's `status`, by which lists filter; nil where it is no text of at most
    /// ``filterBytes`` bytes.
    package var status: String?
    /// The document's `customer_id`, likewise.
    package var customerID: String?
    /// When the first event was recorded.
    package var createdAt: Instant
    /// When the last event in the document was recorded.
    package var updatedAt: Instant
    /// The document, as JSON text in UTF-8.
    package var document: [UInt8]

    /// The longest text that lists filter by, in bytes.
    package static let filterBytes = 255

    /// The view with these parts.
    package init(
        key: ViewKey, version: Int64, rebuild: Int64, status: String?, customerID: String?,
        createdAt: Instant, updatedAt: Instant, document: [UInt8]
    ) {
        self.key = key
        self.version = version
        self.rebuild = rebuild
        self.status = status
        self.customerID = customerID
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.document = document
    }

    /// The view that holds a document of at least one event.
    package init(_ document: AggregateDocument, of key: ViewKey, rebuild: Int64) {
        guard let createdAt = document.createdAt, let updatedAt = document.updatedAt else {
            preconditionFailure("A document without events is not put into a view.")
        }
        self.init(
            key: key, version: document.version, rebuild: rebuild,
            status: Self.filterText(document.value["status"]),
            customerID: Self.filterText(document.value["customer_id"]), createdAt: createdAt,
            updatedAt: updatedAt, document: document.value.jsonBytes)
    }

    /// A member as lists filter by it; no database takes U+0000 or keys of any length.
    private static func filterText(_ member: Value?) -> String? {
        guard let text = member?.text, text.utf8.count <= filterBytes, !text.utf8.contains(0)
        else { return nil }
        return text
    }
}

/// A view beside its aggregate, as both stand at one time.
package struct CurrentView: Equatable, Sendable {
    /// The view; nil where none was stored yet.
    package var view: ViewRecord?
    /// The aggregate's version; 0 where it has no events.
    package var aggregateVersion: Int64

    /// The view beside that version.
    package init(view: ViewRecord?, aggregateVersion: Int64) {
        self.view = view
        self.aggregateVersion = aggregateVersion
    }
}

/// A version of an aggregate.
package struct AggregatePosition: Hashable, Sendable {
    /// The aggregate.
    package var key: ViewKey
    /// The version; 0 is before its first event.
    package var version: Int64

    /// That version of that aggregate.
    package init(key: ViewKey, version: Int64) {
        self.key = key
        self.version = version
    }
}

/// Which aggregates a walk over all of them meets.
package struct AggregateQuery: Equatable, Sendable {
    /// Where the page before ended; nil is the beginning.
    package var after: ViewKey?
    /// Only aggregates whose view is behind them, and whose last event was recorded before this;
    /// nil is all aggregates.
    package var behindSince: Instant?

    /// The aggregates of a page.
    package init(after: ViewKey? = nil, behindSince: Instant? = nil) {
        self.after = after
        self.behindSince = behindSince
    }
}

/// A page of a walk over all aggregates.
package struct AggregatePage: Equatable, Sendable {
    /// The aggregates that were looked for, with their versions.
    package var aggregates: [AggregatePosition]
    /// Where the next page begins; nil at the end.
    package var after: ViewKey?

    /// The page with these parts.
    package init(aggregates: [AggregatePosition], after: ViewKey?) {
        self.aggregates = aggregates
        self.after = after
    }
}

/// Which views a list shows.
package struct ViewQuery: Equatable, Sendable {
    /// The type of the aggregates.
    package var collection: String
    /// Only views with this `customer_id`.
    package var customerID: String?
    /// Only views with one of these, each given once; empty is any, also none.
    package var statuses: [String] = []
    /// Only views whose first event was recorded at or after this.
    package var since: Instant?
    /// Only views whose first event was recorded before this.
    package var until: Instant?
    /// The most views on the page, 1 to 1000.
    package var limit = 100
    /// Where the page before ended.
    package var after: ViewCursor?

    /// All views of a collection, a hundred to the page.
    package init(collection: String) { self.collection = collection }
}

/// The last view of a page.
package struct ViewCursor: Hashable, Sendable {
    /// When its first event was recorded.
    package var createdAt: Instant
    /// The aggregate's identity.
    package var id: String

    /// The cursor behind that view.
    package init(createdAt: Instant, id: String) {
        self.createdAt = createdAt
        self.id = id
    }
}

/// A page of views.
package struct ViewPage: Equatable, Sendable {
    /// The views, newest first; ties in an order that is the store's own and stays the same.
    package var views: [ViewRecord]
    /// Where the next page begins; nil at the end.
    package var after: ViewCursor?

    /// The first `limit` of what was found; the next page begins behind them where there are more.
    package init(found: [ViewRecord], limit: Int) {
        views = Array(found.prefix(limit))
        guard found.count > limit, let last = views.last else { return }
        after = ViewCursor(createdAt: last.createdAt, id: last.key.id)
    }
}
