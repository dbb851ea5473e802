import Foundation
import Synchronization

/// A server that speaks just enough of the protocol to misbehave in a wanted way.
final class ScriptedServer: Sendable {
    enum Behaviour: Sendable {
        /// Answers the greeting with an error of this code.
        case refuses(sqlstate: String)
        /// Holds a port on which nobody listens.
        case isDown
        /// Takes the connection and says nothing.
        case staysSilent
        /// Admits the client, sets its session up, and never answers its first statement.
        case hangs
        /// Admits the client, sets its session up, and hangs up on its first statement.
        case hangsUp
        /// The same, but it first says that the statement is complete; not that it is committed.
        case hangsUpBeforeCommit
    }

    let port: Int
    private let listener: Int32
    private let clients = Mutex((sockets: [Int32](), isOver: false))

    init(_ behaviour: Behaviour) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                precondition(bind(listener, pointer, length) == 0)
                getsockname(listener, pointer, &length)
            }
            return Int(UInt16(bigEndian: pointer.pointee.sin_port))
        }
        if case .isDown = behaviour { return }
        precondition(listen(listener, 8) == 0)
        let thread = Thread { [self] in serve(behaviour) }
        thread.start()
    }

    var url: String {
        "postgresql://tester:s3cr3t-word@127.0.0.1:\(port)/test?sslmode=disable"
    }

    /// Ends the server and the connections it holds; to be called once.
    ///
    /// Descriptors are only closed by the thread that uses them: a closed one is another's at once.
    func stop() {
        clients.withLock { clients in
            clients.isOver = true
            for socket in clients.sockets + [listener] { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    private func serve(_ behaviour: Behaviour) {
        while true {
            let client = accept(listener, nil, nil)
            let isOver = clients.withLock { clients in
                if client >= 0 { clients.sockets.append(client) }
                return clients.isOver
            }
            guard client >= 0, !isOver else { break }
            perform(behaviour, on: client)
        }
        clients.withLock { clients in
            for socket in clients.sockets + [listener] { close(socket) }
        }
    }

    private func perform(_ behaviour: Behaviour, on client: Int32) {
        receive(client)
        switch behaviour {
        case .staysSilent, .isDown:
            break
        case .refuses(let sqlstate):
            let fields = "SFATAL\0VFATAL\0C\(sqlstate)\0Mgo away\0Fa.c\0L1\0Rf\0\0"
            answer(client, message("E", Array(fields.utf8)))
            shutdown(client, Int32(SHUT_RDWR))
        case .hangs, .hangsUp, .hangsUpBeforeCommit:
            let ready = message("Z", [UInt8(ascii: "I")])
            answer(client, message("R", [0, 0, 0, 0]) + ready)
            receive(client)
            answer(client, message("C", Array("SET\0".utf8)) + ready)
            receive(client)
            if case .hangs = behaviour { return }
            if case .hangsUpBeforeCommit = behaviour {
                let parsed = message("1", []) + message("2", []) + message("n", [])
                answer(client, parsed + message("C", Array("INSERT 0 1\0".utf8)))
            }
            shutdown(client, Int32(SHUT_RDWR))
        }
    }

    private func message(_ type: Character, _ body: [UInt8]) -> [UInt8] {
        let length = withUnsafeBytes(of: UInt32(body.count + 4).bigEndian, Array.init)
        return [type.asciiValue ?? 0] + length + body
    }

    private func receive(_ client: Int32) {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        _ = read(client, &buffer, buffer.count)
    }

    private func answer(_ client: Int32, _ bytes: [UInt8]) {
        _ = send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}
