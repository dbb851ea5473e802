import SagaCore
package import SagaRuntime
import Synchronization

extension InMemoryBus {
    /// A page of the dead letters, newest first.
    package func deadLetters(
        before number: UInt64?, limit: Int
    ) async throws -> DeadLetterPage {
        try state.withLock { state in
            if state.faults.isAway { throw BusError(.unavailable, "a fault was asked for") }
            let numbers = state.streams.buried.keys.sorted(by: >).filter { $0 < number ?? .max }
            let page = numbers.prefix(limit)
            let letters = page.compactMap { number in
                state.streams.buried[number].map { letter, at in
                    DeadLetterRecord(letter, number: number, at: at)
                }
            }
            return DeadLetterPage(
                letters: letters, after: numbers.count > page.count ? page.last : nil)
        }
    }

    /// Puts a dead letter on the reply stream once more.
    package func sendBack(deadLetter number: UInt64) async throws -> DeadLetterRecord? {
        let letter: DeadLetterRecord? = try state.withLock { state in
            if state.faults.isAway { throw BusError(.unavailable, "a fault was asked for") }
            guard let (letter, at) = state.streams.unbury(number) else { return nil }
            state.replies.append(subject: letter.subject, body: letter.body)
            return DeadLetterRecord(letter, number: number, at: at)
        }
        wake(at: clock.now())
        return letter
    }
}

extension DeadLetterRecord {
    fileprivate init(_ letter: DeadLetter, number: UInt64, at: Instant) {
        self.init(
            number: number, subject: letter.subject, body: letter.body, reason: letter.reason,
            at: at)
    }
}
