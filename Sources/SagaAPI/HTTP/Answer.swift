import HTTPTypes
import Hummingbird
import NIOCore

/// Makes responses.
enum Answer {
    /// The header fields of a JSON body.
    static let jsonFields: HTTPFields = [.contentType: "application/json"]
    /// The header fields of a problem document.
    static let problemFields: HTTPFields = [.contentType: "application/problem+json"]
    /// The header fields of metrics as Prometheus reads them.
    static let metricsFields: HTTPFields = [.contentType: "text/plain; version=0.0.4"]
    /// The header fields of a drawing that may also be had as a picture.
    static let graphFields: HTTPFields = [.contentType: "application/json", .vary: "Accept"]
    /// The header fields of a picture that may also be had as JSON.
    static let pictureFields: HTTPFields = [.contentType: "image/svg+xml", .vary: "Accept"]
    /// The header fields of server-sent events.
    static let streamFields: HTTPFields = [
        .contentType: "text/event-stream", .cacheControl: "no-store",
    ]

    /// The response with that body.
    static func bytes(
        _ bytes: [UInt8], status: HTTPResponse.Status = .ok, fields: HTTPFields = jsonFields
    ) -> Response {
        Response(
            status: status, headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }

    /// A list: `{"items": […], "after": …}` of items that are JSON already.
    static func list(_ items: [[UInt8]], after: String?) -> Response {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(items.reduce(64) { $0 + $1.count + 1 })
        bytes.append(contentsOf: #"{"items":["#.utf8)
        for (place, item) in items.enumerated() {
            if place > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: item)
        }
        let end = after.map { #"],"after":"\#($0)"}"# } ?? #"],"after":null}"#
        bytes.append(contentsOf: end.utf8)
        return Answer.bytes(bytes)
    }
}

extension HTTPField.Name {
    /// The header that tells a saga's identity.
    static let sagaID = known("Saga-Id")
    /// The header by which a caller repeats a request safely.
    static let idempotencyKey = known("Idempotency-Key")
    /// The header by which a caller has failures strike the saga that it starts.
    static let sagaFault = known("Saga-Fault")
    /// The header by which a caller asks for a way of answering (RFC 7240).
    static let prefer = known("Prefer")
    /// The header that tells which of these was followed.
    static let preferenceApplied = known("Preference-Applied")
    /// The header by which a watcher that comes again says what it has seen (WHATWG HTML, 9.2).
    static let lastEventID = known("Last-Event-ID")

    private static func known(_ name: String) -> HTTPField.Name {
        guard let known = HTTPField.Name(name) else {
            preconditionFailure("'\(name)' is a header field's name")
        }
        return known
    }
}
