import Glibc

/// TCP ports on loopback.
package enum Ports {
    /// Below those that the kernel gives to outgoing connections: a client that keeps trying to
    /// reach a port of theirs may end up connected to itself.
    private static let range: ClosedRange<UInt16> = 20_000...31_999
    private static let tries = 100

    /// A port on which nobody listens at the moment, and that no process that asks here has been
    /// given and may be about to listen on.
    package static func free() throws(LaunchFailure) -> Int {
        for _ in 0..<tries {
            let port = UInt16.random(in: range)
            if canListen(port), claim(port) { return Int(port) }
        }
        throw LaunchFailure(
            description: "no free port was found among \(tries) tried in \(range)")
    }

    /// Whether somebody accepts connections there.
    package static func accepts(_ port: Int) -> Bool {
        withSocket { descriptor in
            var address = loopback(UInt16(port))
            return withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
        }
    }

    /// Takes the port's name in the kernel's abstract namespace; it is free again once this process
    /// ends, so that the descriptor stays open.
    private static func claim(_ port: UInt16) -> Bool {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { return false }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = [0] + Array("sagad-port-\(port)".utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = MemoryLayout<sa_family_t>.size + name.count
        let isClaimed = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(length)) == 0
            }
        }
        if !isClaimed { close(descriptor) }
        return isClaimed
    }

    private static func canListen(_ port: UInt16) -> Bool {
        withSocket { descriptor in
            var address = loopback(port)
            return withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
        }
    }

    private static func withSocket(_ body: (Int32) -> Bool) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return body(descriptor)
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }
}

/// Asks again and again until something holds.
///
/// - Parameters:
///   - limit: the longest time.
///   - pause: between two questions.
///   - what: what is waited for, as a sentence's end: "… did not happen in 5 seconds: WHAT".
/// - Throws: ``LaunchFailure`` when the time is over, and what the condition throws.
package func eventually(
    within limit: Duration, pause: Duration = .milliseconds(20), _ what: String,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            throw LaunchFailure(description: "did not happen in \(limit): \(what)")
        }
        try await Task.sleep(for: pause)
    }
}
