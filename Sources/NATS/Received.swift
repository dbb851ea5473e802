import Cnats
import Glibc

/// A message the library handed over; frees it when it goes out of scope.
struct Received: ~Copyable {
    private let message: OpaquePointer

    /// Takes ownership of the C message.
    init(taking message: OpaquePointer) {
        self.message = message
    }

    deinit { natsMsg_Destroy(message) }

    var subject: String {
        natsMsg_GetSubject(message).map { String(cString: $0) } ?? ""
    }

    var replySubject: String? {
        natsMsg_GetReply(message).map { String(cString: $0) }
    }

    /// The number after the last dot of the subject, where it is one.
    var token: UInt64? {
        guard let subject = natsMsg_GetSubject(message) else { return nil }
        var value: UInt64 = 0
        var digits = 0
        var position = 0
        while subject[position] != 0 {
            let byte = UInt8(bitPattern: subject[position])
            if byte == UInt8(ascii: ".") {
                value = 0
                digits = 0
            } else if byte >= 0x30, byte <= 0x39, digits >= 0, digits < 19 {
                value = value * 10 + UInt64(byte - 0x30)
                digits += 1
            } else {
                digits = -1
            }
            position += 1
        }
        return digits > 0 ? value : nil
    }

    var payloadCount: Int { Int(natsMsg_GetDataLength(message)) }

    /// The server's status (`100`, `404`, `503`, …); only messages without a body have one.
    var status: Int? {
        payloadCount == 0 ? header("Status").flatMap { Int($0) } : nil
    }

    /// The first value of the header of exactly that name.
    func header(_ name: UnsafePointer<CChar>) -> String? {
        var value: UnsafePointer<CChar>?
        guard natsMsgHeader_Get(message, name, &value) == NATS_OK, let value else { return nil }
        return String(cString: value)
    }

    /// Those of these headers that are there, under the names given: the exact name counts first,
    /// then one that differs in case. Of several values of one name the first.
    func headers(_ wanted: [String]) -> [(String, String)] {
        guard !wanted.isEmpty else { return [] }
        var found: [(String, String)] = []
        found.reserveCapacity(wanted.count)
        var missing: [String] = []
        for name in wanted {
            if let value = header(name) {
                found.append((name, value))
            } else {
                missing.append(name)
            }
        }
        guard !missing.isEmpty else { return found }
        withHeaderNames { names in
            for name in missing {
                guard let other = names.first(where: { strcasecmp($0, name) == 0 }),
                    let value = header(other)
                else { continue }
                found.append((name, value))
            }
        }
        return found
    }

    /// All headers, names in no particular order; of several values of one name the first.
    func headers() -> [(String, String)] {
        var headers: [(String, String)] = []
        withHeaderNames { names in
            headers.reserveCapacity(names.count)
            for name in names {
                guard let value = header(name) else { continue }
                headers.append((String(cString: name), value))
            }
        }
        return headers
    }

    /// The names of the headers, borrowed for the call.
    private func withHeaderNames(_ body: ([UnsafePointer<CChar>]) -> Void) {
        var names: UnsafeMutablePointer<UnsafePointer<CChar>?>?
        var count: Int32 = 0
        guard natsMsgHeader_Keys(message, &names, &count) == NATS_OK, let names else { return }
        defer { free(names) }
        body((0..<Int(count)).compactMap { names[$0] })
    }

    /// A copy of the body.
    func payload() -> [UInt8] {
        withPayload { Array($0) }
    }

    /// The body, borrowed for the call.
    func withPayload<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        guard let bytes = natsMsg_GetData(message) else {
            return body(UnsafeRawBufferPointer(start: nil, count: 0))
        }
        return body(UnsafeRawBufferPointer(start: bytes, count: payloadCount))
    }
}
