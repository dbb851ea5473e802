import Foundation
import Synchronization

/// Stands on loopback between a client and a PostgreSQL server, and understands of their protocol
/// when a transaction is to be committed: by the `Sync` behind an `Execute`, or by a simple query.
///
/// Faults wait in line; each strikes one commit. Blocking threads, two for each connection, since a
/// proxy has to be slower than nobody.
package final class WireProxy: Sendable {
    /// What happens to one commit.
    package enum Fault: Equatable, Sendable {
        /// The connection is cut before the server hears of it.
        case cutBefore
        /// The connection is cut when the server has committed, before the client hears of it.
        case cutAfter
        /// Neither the server nor the client hears of it.
        case stallBefore
        /// The server commits, and the client never hears of it.
        case stallAfter
        /// The client hears this error, and the server nothing.
        case refuse(String)
        /// The server commits, and the client hears this error.
        case commitAndRefuse(String)

        /// Whether the server commits all the same.
        package var commits: Bool {
            switch self {
            case .cutAfter, .stallAfter, .commitAndRefuse: true
            case .cutBefore, .stallBefore, .refuse: false
            }
        }
    }

    /// The port it listens on.
    package let port: UInt16
    private let listener: Int32
    private let server: UInt16
    private let mark: String
    private let state = Mutex(State())

    private struct State {
        var faults: [Fault] = []
        var struck: [Fault] = []
        var links: [WireLink] = []
        var isOver = false
        var waiters: [(count: Int, resume: @Sendable () -> Void)] = []
        var gate: DispatchSemaphore?
    }

    /// A proxy to the server on that port of loopback; only commits strike whose statement has the
    /// mark in it.
    package init(to server: UInt16, striking mark: String) {
        self.server = server
        self.mark = mark
        (listener, port) = Sockets.listen()
        Thread { [self] in serve() }.start()
    }

    /// Has these strike the next commits, one each.
    package func strike(_ faults: Fault...) { state.withLock { $0.faults += faults } }

    /// Has the next fault wait, once its commit has come, until ``letGo()``.
    package func holdNext() { state.withLock { $0.gate = DispatchSemaphore(value: 0) } }

    /// Lets the fault strike that was held.
    package func letGo() { state.withLock { $0.gate }?.signal() }

    /// What has struck so far.
    package var struck: [Fault] { state.withLock { $0.struck } }

    /// Returns once so many faults have found their commit.
    package func untilStruck(_ count: Int = 1) async {
        await withCheckedContinuation { continuation in
            let isStruck = state.withLock { state in
                if state.struck.count >= count { return true }
                state.waiters.append((count, { continuation.resume() }))
                return false
            }
            if isStruck { continuation.resume() }
        }
    }

    /// Ends the proxy and cuts what goes through it.
    package func stop() {
        state.withLock { state in
            state.isOver = true
            Sockets.end(listener)
            for link in state.links { link.cut() }
        }
    }

    private func serve() {
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { break }
            guard let server = Sockets.connect(to: server) else {
                close(client)
                continue
            }
            let link = WireLink(client: client, server: server, mark: mark) { self.next() }
            let isOver = state.withLock { state in
                state.links.append(link)
                return state.isOver
            }
            link.start()
            if isOver { link.cut() }
        }
        close(listener)
    }

    /// The fault that strikes the commit that has come; nil where none does.
    private func next() -> Fault? {
        let (fault, gate, content) = state.withLock { state in
            guard !state.faults.isEmpty else {
                return (nil as Fault?, nil as DispatchSemaphore?, [] as [@Sendable () -> Void])
            }
            let fault = state.faults.removeFirst()
            state.struck.append(fault)
            let count = state.struck.count
            let content = state.waiters.filter { $0.count <= count }.map(\.resume)
            state.waiters.removeAll { $0.count <= count }
            return (fault, state.gate, content)
        }
        for resume in content { resume() }
        gate?.wait()
        if fault != nil { state.withLock { $0.gate = nil } }
        return fault
    }
}

/// One connection through the proxy.
final class WireLink: Sendable {
    private let client: Int32
    private let server: Int32
    private let mark: String
    private let next: @Sendable () -> WireProxy.Fault?
    /// For each `Sync` or query under way, what becomes of its answer.
    private let answers = Mutex<[WireProxy.Fault?]>([])
    /// How many of the two threads have ended; descriptors are closed by the last, and are then
    /// another's at once.
    private let ended = Mutex(0)

    init(
        client: Int32, server: Int32, mark: String, next: @escaping @Sendable () -> WireProxy.Fault?
    ) {
        self.client = client
        self.server = server
        self.mark = mark
        self.next = next
    }

    func start() {
        Thread { [self] in
            forwardUp()
            finish()
        }.start()
        Thread { [self] in
            forwardDown()
            finish()
        }.start()
    }

    /// Cuts both sides; the threads end and close what they use.
    func cut() {
        ended.withLock { count in
            guard count < 2 else { return }
            for socket in [client, server] { Sockets.end(socket) }
        }
    }

    private func finish() {
        cut()
        ended.withLock { count in
            count += 1
            if count == 2 { for socket in [client, server] { close(socket) } }
        }
    }

    // MARK: From the client to the server

    private func forwardUp() {
        // The greeting has no type before its length.
        guard let greeting = Sockets.frame(client, hasType: false),
            Sockets.send(greeting, to: server)
        else { return }
        var statements: [String: String] = [:]
        var batch: [[UInt8]] = []
        var isCommit = false
        while let frame = Sockets.frame(client, hasType: true) {
            switch UnicodeScalar(frame[0]) {
            case "P":
                let texts = WireText.texts(frame, 2)
                statements[texts[0]] = texts[1]
                batch.append(frame)
            case "B":
                if statements[WireText.texts(frame, 2)[1]]?.contains(mark) == true {
                    isCommit = true
                }
                batch.append(frame)
            case "D", "E", "C": batch.append(frame)
            case "S", "Q":
                if frame[0] == UInt8(ascii: "Q"), WireText.texts(frame, 1)[0].contains(mark) {
                    isCommit = true
                }
                batch.append(frame)
                guard pass(batch, striking: isCommit) else { return }
                (batch, isCommit) = ([], false)
            default:
                guard Sockets.send(batch.flatMap(\.self) + frame, to: server) else { return }
                batch = []
            }
        }
    }

    /// Passes a batch on as its fault has it; whether to go on.
    private func pass(_ batch: [[UInt8]], striking: Bool) -> Bool {
        let fault = striking ? next() : nil
        switch fault {
        case .cutBefore: return false
        case .stallBefore:
            // Whatever comes now is not heard either, until the client gives up.
            while Sockets.frame(client, hasType: true) != nil {}
            return false
        case .refuse:
            // What prepares the statement is passed on, so that both sides agree that it is.
            let rest = batch.filter { $0[0] == UInt8(ascii: "P") }
            return send(rest + [WireText.sync], fault)
        case .cutAfter, .stallAfter, .commitAndRefuse, nil: return send(batch, fault)
        }
    }

    private func send(_ batch: [[UInt8]], _ fault: WireProxy.Fault?) -> Bool {
        answers.withLock { $0.append(fault) }
        return Sockets.send(batch.flatMap(\.self), to: server)
    }

    // MARK: From the server to the client

    private func forwardDown() {
        var isGreeted = false
        while let frame = Sockets.frame(server, hasType: true) {
            let isReady = frame[0] == UInt8(ascii: "Z")
            let fault = isGreeted ? answers.withLock { $0.first ?? nil } : nil
            if isReady, isGreeted { answers.withLock { _ = $0.removeFirst() } }
            if isReady { isGreeted = true }
            guard pass(frame, isReady, fault) else { return }
        }
    }

    private func pass(_ frame: [UInt8], _ isReady: Bool, _ fault: WireProxy.Fault?) -> Bool {
        switch fault {
        case nil: return Sockets.send(frame, to: client)
        case .cutAfter, .cutBefore: return !isReady
        case .stallAfter, .stallBefore: return true
        case .refuse(let code), .commitAndRefuse(let code):
            // That the statement is prepared is heard, what it answers is not.
            if frame[0] == UInt8(ascii: "1") { return Sockets.send(frame, to: client) }
            guard isReady else { return true }
            return Sockets.send(WireText.error(code) + frame, to: client)
        }
    }
}
