import Glibc

/// What reading a file gave.
enum FileText: Equatable, Sendable {
    /// The whole file.
    case bytes([UInt8])
    /// There is no such file.
    case missing
    /// It is there and cannot be read: why, as the end of a sentence.
    case unreadable(String)

    /// The longest file that is read, in bytes.
    static let limit = 256 * 1024

    /// Reads a file of at most ``limit`` bytes from the disk.
    static func read(_ path: String) -> FileText { read(path, limit: limit) }

    /// Reads a file from the disk.
    ///
    /// - Parameter limit: the longest that is read, in bytes.
    static func read(_ path: String, limit: Int) -> FileText {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let number = errno
            return number == ENOENT ? .missing : .unreadable(String(cString: strerror(number)))
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count == 0 { return .bytes(bytes) }
            if count < 0 {
                let number = errno
                if number == EINTR { continue }
                return .unreadable(String(cString: strerror(number)))
            }
            bytes += buffer[..<count]
            guard bytes.count <= limit else {
                return .unreadable("a file of more than \(ByteMeasure.write(limit))")
            }
        }
    }
}
