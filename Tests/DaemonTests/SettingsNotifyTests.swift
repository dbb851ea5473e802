import Foundation
import Testing

@testable import Daemon

/// A datagram socket as systemd opens it for a service.
private struct TestSocket: ~Copyable {
    let descriptor: Int32
    private let path: String?

    /// Binds to a path, or to an abstract name that begins with `@`.
    init(_ name: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        path = name.hasPrefix("@") ? nil : name
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(name.utf8)
        if path == nil { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(2 + bytes.count + (path == nil ? 0 : 1))
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length)
            }
        }
        try #require(bound == 0)
        var patience = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience,
            socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
        close(descriptor)
        if let path { unlink(path) }
    }

    func receive() -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return String(decoding: buffer[..<max(0, count)], as: UTF8.self)
    }
}

@Suite struct `A notifier` {
    @Test(arguments: ["path", "abstract"])
    func `tells systemd each state over either kind of socket`(kind: String) throws {
        let unique = "sagad-test-\(UUID().uuidString)"
        let name = kind == "path" ? NSTemporaryDirectory() + unique : "@" + unique
        let socket = try TestSocket(name)
        let notifier = try #require(try SystemdNotifier(environment: ["NOTIFY_SOCKET": name]))

        try notifier.ready()
        #expect(socket.receive() == "READY=1")
        try notifier.status("waiting for\nthe database")
        #expect(socket.receive() == "STATUS=waiting for the database")
        try notifier.watchdog()
        #expect(socket.receive() == "WATCHDOG=1")
        try notifier.extendTimeout(.milliseconds(1_500))
        #expect(socket.receive() == "EXTEND_TIMEOUT_USEC=1500000")
        try notifier.stopping()
        #expect(socket.receive() == "STOPPING=1")
    }

    @Test func `is not there without a supervisor`() throws {
        #expect(try SystemdNotifier(environment: [:]) == nil)
        #expect(try SystemdNotifier(environment: ["NOTIFY_SOCKET": ""]) == nil)
    }

    @Test func `refuses a socket name that can be none`() {
        #expect(throws: NotifyError.self) {
            try SystemdNotifier(environment: ["NOTIFY_SOCKET": "run/x"])
        }
        #expect(throws: NotifyError.self) {
            try SystemdNotifier(
                environment: ["NOTIFY_SOCKET": "/" + String(repeating: "x", count: 200)])
        }
    }

    @Test func `says so where nobody reads the socket`() throws {
        let notifier = try #require(
            try SystemdNotifier(environment: ["NOTIFY_SOCKET": "/nonexistent/notify"]))
        #expect(
            throws: NotifyError(
                "sending `READY=1` to NOTIFY_SOCKET failed: No such file or directory; check "
                    + "NotifyAccess= in the unit")
        ) { try notifier.ready() }
    }

    @Test func `knows the watchdog's patience where it is its own`() throws {
        func timeout(_ extra: [String: String]) throws -> Duration? {
            let environment = extra.merging(["NOTIFY_SOCKET": "/x"]) { $1 }
            return try SystemdNotifier(environment: environment, processID: 42)?.watchdogTimeout
        }
        #expect(try timeout(["WATCHDOG_USEC": "30000000"]) == .seconds(30))
        #expect(try timeout(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "42"]) == .seconds(30))
        #expect(try timeout(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"]) == nil)
        #expect(try timeout([:]) == nil)
    }
}
