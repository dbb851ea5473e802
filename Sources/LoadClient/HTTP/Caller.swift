/// Calls one server on loopback over a connection that is made anew whenever it is lost.
///
/// An actor because the connection outlives a call; used by one task at a time, or by several
/// whose calls then wait for one another.
package actor Caller {
    /// The pause before a call that may help is made again.
    package static let pause: Duration = .milliseconds(25)

    private let port: Int
    private var connection: HTTPConnection?
    private var isBusy = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// A caller of the server on that port; it connects when first used.
    package init(port: Int) { self.port = port }

    deinit { connection?.close() }

    /// Makes one call.
    ///
    /// - Throws: ``CallFailure/lost(_:)`` also where nobody listens.
    package func call(
        _ request: HTTPRequest, limit: Duration = .seconds(30)
    ) async throws(CallFailure) -> HTTPResponse {
        await takeTurn()
        defer { passTurn() }
        let connection = try await open()
        do {
            return try await connection.send(request, limit: limit)
        } catch {
            connection.close()
            self.connection = nil
            throw error
        }
    }

    /// Makes a call until its answer is one of those statuses, asking again while it may help:
    /// where the connection is lost and where the answer is 503.
    ///
    /// - Throws: the last failure once the deadline has passed; at once for any other status, and
    ///   where the task is cancelled.
    package func call(
        _ request: HTTPRequest, expecting statuses: Set<Int>,
        until deadline: ContinuousClock.Instant, limit: Duration = .seconds(30)
    ) async throws -> HTTPResponse {
        while true {
            var failure: CallFailure
            do throws(CallFailure) {
                let response = try await call(request, limit: limit)
                if statuses.contains(response.status) { return response }
                let found = "\(response.status) \(response.text.prefix(300))"
                failure = .unexpected("\(request.method) \(request.target) was answered \(found)")
                if response.status != 503 { throw failure }
            } catch {
                if !error.mayPass { throw error }
                failure = error
            }
            guard ContinuousClock.now < deadline else { throw failure }
            try await Task.sleep(for: Self.pause)
        }
    }

    private func open() async throws(CallFailure) -> HTTPConnection {
        if let connection, connection.isOpen { return connection }
        let connection = try await HTTPConnection.open(port: port)
        self.connection = connection
        return connection
    }

    private func takeTurn() async {
        if !isBusy {
            isBusy = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func passTurn() {
        if waiting.isEmpty {
            isBusy = false
        } else {
            waiting.removeFirst().resume()
        }
    }
}
