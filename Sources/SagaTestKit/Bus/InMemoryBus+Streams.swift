import SagaCore
package import SagaRuntime
import Synchronization

extension InMemoryBus {
    /// The stream of commands, and those of these aggregates' events.
    package func streams(of aggregates: [String]) -> [DaemonStream] {
        [DaemonStream(name: Streams.commandStream, content: .commands)]
            + aggregates.map { DaemonStream(name: $0, content: .events) }
    }

    /// How a stream stands.
    package func standing(of stream: String) async throws -> StreamStanding? {
        try state.withLock { state in
            try state.checkPresence()
            return state.streams.standing(of: stream)
        }
    }

    /// The id of a message.
    package func messageID(_ number: UInt64, in stream: String) async throws -> String? {
        try state.withLock { state in
            try state.checkPresence()
            return state.streams.id(of: number, in: stream)
        }
    }

    /// The ids of messages.
    package func messageIDs(
        _ numbers: ClosedRange<UInt64>, in stream: String
    ) async throws -> [String] {
        try state.withLock { state in
            try state.checkPresence()
            return state.streams.ids(of: numbers, in: stream)
        }
    }
}

extension InMemoryBus.State {
    fileprivate func checkPresence() throws {
        if faults.isAway { throw BusError(.unavailable, "a fault was asked for") }
    }
}

/// What a broker loses.
extension InMemoryBus {
    /// Deletes a stream with its messages and what repeated publishes are recognised by.
    ///
    /// - Parameter isMadeAgain: whether somebody makes it again at once, empty.
    package func deleteStream(_ stream: String, isMadeAgain: Bool) {
        state.withLock { $0.streams.lose(stream, isMadeAgain: isMadeAgain) }
    }

    /// Loses the messages of a stream behind a number, as a broker that crashed.
    package func loseTail(of stream: String, behind number: UInt64) {
        state.withLock { $0.streams.loseTail(of: stream, behind: number) }
    }

    /// Removes the messages of a stream up to a number; repeated publishes of them are recognised.
    package func purgeStream(_ stream: String, upTo number: UInt64 = .max) {
        state.withLock { $0.streams.remove(from: stream) { $0 <= number } }
    }
}
