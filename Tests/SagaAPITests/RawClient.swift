import NIOCore
import NIOPosix

/// An HTTP/1.1 response as it stood on the wire, without its `Date`.
struct RawResponse: Equatable, CustomStringConvertible {
    /// The status.
    var status: Int
    /// The header fields by lower-case name, without `date`.
    var fields: [String: String]
    /// The body.
    var body: String

    /// The response with those parts; the length is that of the body.
    init(_ status: Int, _ fields: [String: String] = [:], _ body: String) {
        self.status = status
        self.fields = fields
        self.fields["content-length"] = String(body.utf8.count)
        self.body = body
    }

    /// A response that JSON is in.
    static func json(_ status: Int, _ body: String, _ fields: [String: String] = [:]) -> Self {
        let type = ["content-type": "application/json"]
        return RawResponse(status, type.merging(fields) { $1 }, body)
    }

    /// A problem document with the members that follow its `status`.
    static func problem(
        _ status: Int, _ name: String, _ title: String, _ rest: String,
        _ fields: [String: String] = [:]
    ) -> Self {
        let type = ["content-type": "application/problem+json"]
        return RawResponse(
            status, type.merging(fields) { $1 },
            #"{"type":"urn:sagad:problem:\#(name)","title":"\#(title)","status":\#(status),\#(rest)}"#
        )
    }

    fileprivate init(status: Int, fields: [String: String], rawBody: String) {
        self.status = status
        self.fields = fields
        body = rawBody
    }

    var description: String {
        let lines = fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return (["\(status)"] + lines + ["", body]).joined(separator: "\n")
    }
}

/// A connection that ended before a whole response had come.
struct EndOfConnection: Error {
    /// What had come.
    var rest: String
}

/// One connection to a server, over which bytes go as they are given.
struct RawConnection {
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var buffer: [UInt8] = []

    /// Connects, runs the body, and closes.
    static func open<Result>(
        port: Int, _ body: (inout RawConnection) async throws -> Result
    ) async throws -> Result {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var connection = RawConnection(
                outbound: outbound, inbound: inbound.makeAsyncIterator())
            return try await body(&connection)
        }
    }

    private init(
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    ) {
        self.outbound = outbound
        self.inbound = inbound
    }

    /// Sends text as it is.
    func send(_ text: String) async throws {
        try await outbound.write(ByteBuffer(string: text))
    }

    /// Sends bytes as they are.
    func send(_ bytes: [UInt8]) async throws {
        try await outbound.write(ByteBuffer(bytes: bytes))
    }

    /// Reads one response, whose body is as long as `Content-Length` says, or absent.
    mutating func response(hasBody: Bool = true) async throws -> RawResponse {
        var head: [UInt8] = []
        while true {
            if let end = buffer.firstRange(of: Array("\r\n\r\n".utf8)) {
                head = Array(buffer[..<end.lowerBound])
                buffer.removeSubrange(..<end.upperBound)
                break
            }
            try await fill()
        }
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            let colon = line.firstIndex(of: ":")!
            let value = line[colon...].dropFirst().drop { $0 == " " }
            fields[line[..<colon].lowercased()] = String(value)
        }
        fields["date"] = nil
        let length = hasBody ? Int(fields["content-length"] ?? "0")! : 0
        while buffer.count < length { try await fill() }
        let body = String(decoding: buffer[..<length], as: UTF8.self)
        buffer.removeSubrange(..<length)
        let status = Int(lines[0].split(separator: " ")[1])!
        return RawResponse(status: status, fields: fields, rawBody: body)
    }

    /// Reads until the server closes; what came beyond the responses read before.
    mutating func untilClosed() async throws -> String {
        do {
            while true { try await fill() }
        } catch let end as EndOfConnection {
            return end.rest
        }
    }

    /// Reads until the text has come, and answers all that came with it.
    mutating func text(until mark: String) async throws -> String {
        while true {
            let text = String(decoding: buffer, as: UTF8.self)
            if text.contains(mark) {
                buffer = []
                return text
            }
            try await fill()
        }
    }

    private mutating func fill() async throws {
        let chunk: ByteBuffer?
        do {
            chunk = try await inbound.next(isolation: nil)
        } catch is IOError {
            chunk = nil
        }
        guard let chunk else {
            throw EndOfConnection(rest: String(decoding: buffer, as: UTF8.self))
        }
        buffer.append(contentsOf: chunk.readableBytesView)
    }
}

/// A request as it stands on the wire.
func wire(
    _ method: String, _ target: String, _ fields: [String: String] = [:], body: String? = nil
) -> String {
    var text = "\(method) \(target) HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    for (name, value) in fields.sorted(by: { $0.key < $1.key }) { text += "\(name): \(value)\r\n" }
    if let body { text += "Content-Length: \(body.utf8.count)\r\n" }
    return text + "\r\n" + (body ?? "")
}
