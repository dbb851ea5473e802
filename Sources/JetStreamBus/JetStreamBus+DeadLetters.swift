import NATS
import SagaCore
package import SagaRuntime

/// The stream of dead letters, read from its end, message by message.
extension JetStreamBus {
    /// The most numbers that are looked at for one page: those of letters that were sent back are
    /// free.
    private static let looks = 4096

    /// A page of the dead letters, newest first.
    package func deadLetters(
        before number: UInt64?, limit: Int
    ) async throws -> DeadLetterPage {
        do throws(NATSFailure) {
            guard let contents = try await jetStream.stream(StreamPlan.dead)?.contents,
                contents.messages > 0
            else { return DeadLetterPage(letters: [], after: nil) }
            let end = min(number ?? .max, contents.lastSequence + 1)
            return try await page(from: contents.firstSequence, to: end, limit: limit)
        } catch {
            throw BusError(error)
        }
    }

    /// The letters between two numbers, the last first, as many as one page may have.
    private func page(
        from first: UInt64, to end: UInt64, limit: Int
    ) async throws(NATSFailure) -> DeadLetterPage {
        var found: [DeadLetterRecord] = []
        var next = end
        var looked = 0
        while next > first, looked < Self.looks {
            let start = max(first, next - min(next, UInt64(limits.lookups)))
            for letter in try await letters(start..<next).reversed() {
                found.append(letter)
                guard found.count == limit else { continue }
                let isLast = letter.number == first
                return DeadLetterPage(letters: found, after: isLast ? nil : letter.number)
            }
            looked += Int(next - start)
            next = start
        }
        return DeadLetterPage(letters: found, after: next > first ? next : nil)
    }

    /// Those of these numbers that there are, in order, asked for at once.
    private func letters(
        _ numbers: Range<UInt64>
    ) async throws(NATSFailure) -> [DeadLetterRecord] {
        let found = await withTaskGroup { group in
            for number in numbers {
                group.addTask { () async -> Result<DeadLetterRecord?, NATSFailure> in
                    do throws(NATSFailure) {
                        return .success(try await self.letter(number))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var letters: [DeadLetterRecord] = []
        for result in found { if let letter = try result.get() { letters.append(letter) } }
        return letters.sorted { $0.number < $1.number }
    }

    private func letter(_ number: UInt64) async throws(NATSFailure) -> DeadLetterRecord? {
        try await jetStream.message(number, in: StreamPlan.dead).map(Wire.deadLetter)
    }

    /// Sends a dead letter to its subject, then removes it.
    package func sendBack(deadLetter number: UInt64) async throws -> DeadLetterRecord? {
        do throws(NATSFailure) {
            guard let message = try await jetStream.message(number, in: StreamPlan.dead) else {
                return nil
            }
            let letter = Wire.deadLetter(message)
            // Two operators at once send it once.
            let id = "sagad-dead-\(number)-\(message.time)"
            let again = Message(
                subject: letter.subject, headers: [("Nats-Msg-Id", id)], payload: letter.body)
            switch await publisher.publish(again) {
            case .stored: break
            case .refused(let code, let description):
                throw .refused(code: code, errorCode: 0, description: description)
            case .unknown: throw .timedOut("sending a dead letter to \(letter.subject)")
            }
            try await jetStream.deleteMessage(number, in: StreamPlan.dead)
            return letter
        } catch {
            throw BusError(error)
        }
    }
}
