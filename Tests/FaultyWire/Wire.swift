import Glibc

/// Texts within the protocol's messages.
enum WireText {
    /// The first texts of a message, each with a zero behind it; empty where there is none.
    static func texts(_ frame: [UInt8], _ count: Int) -> [String] {
        let parts = frame.dropFirst(5).split(
            separator: 0, maxSplits: count, omittingEmptySubsequences: false)
        let texts = parts.prefix(count).map { String(decoding: $0, as: UTF8.self) }
        return texts + Array(repeating: "", count: count - texts.count)
    }

    /// What ends a batch, and is answered with `ReadyForQuery`.
    static let sync: [UInt8] = [UInt8(ascii: "S"), 0, 0, 0, 4]

    /// An error of that code.
    static func error(_ code: String) -> [UInt8] {
        let fields = Array("SERROR\0VERROR\0C\(code)\0Mthe proxy says so\0\0".utf8)
        let length = withUnsafeBytes(of: UInt32(fields.count + 4).bigEndian, Array.init)
        return [UInt8(ascii: "E")] + length + fields
    }
}

/// Blocking sockets on loopback.
enum Sockets {
    static func listen() -> (socket: Int32, port: UInt16) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                precondition(bind(listener, pointer, length) == 0)
                getsockname(listener, pointer, &length)
            }
            return UInt16(bigEndian: pointer.pointee.sin_port)
        }
        precondition(Glibc.listen(listener, 64) == 0)
        return (listener, port)
    }

    static func connect(to port: UInt16) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = loopback(port)
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, length)
            }
        }
        if status == 0 { return descriptor }
        close(descriptor)
        return nil
    }

    /// Ends a socket for whoever reads or writes it; its owner closes it.
    static func end(_ socket: Int32) { shutdown(socket, Int32(SHUT_RDWR)) }

    /// The next message, its type and length included; nil at the end.
    static func frame(_ socket: Int32, hasType: Bool) -> [UInt8]? {
        let head = hasType ? 5 : 4
        guard var frame = read(socket, head) else { return nil }
        let length = frame[(head - 4)...].reduce(0) { $0 << 8 | Int($1) }
        guard length >= 4, let rest = read(socket, length - 4) else { return nil }
        frame += rest
        return frame
    }

    static func send(_ bytes: [UInt8], to socket: Int32) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    private static func read(_ socket: Int32, _ count: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count < count {
            var buffer = [UInt8](repeating: 0, count: min(count - bytes.count, 65_536))
            let found = Glibc.read(socket, &buffer, buffer.count)
            guard found > 0 else { return nil }
            bytes += buffer[..<found]
        }
        return bytes
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
