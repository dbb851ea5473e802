import GRPCCore
import SagaCore

/// Until when a call may wait.
struct CallDeadline: Equatable, Sendable {
    /// When the answer is due.
    var at: Instant
    /// The client set it; otherwise it is the server's patience.
    var isClients: Bool

    /// The answer of a call with a deadline leaves so much before it, at most a tenth of the time,
    /// so that the client learns the reason.
    static let margin: Duration = .milliseconds(100)

    /// The deadline of a call with that metadata that arrives now.
    init(_ metadata: Metadata, now: Instant, patience: Duration) {
        let text = metadata[stringValues: Self.name].first { _ in true }
        if let timeout = text.flatMap(Self.timeout) {
            at = now + (timeout - min(timeout / 10, Self.margin))
            isClients = true
        } else {
            at = now + patience
            isClients = false
        }
    }

    /// The duration of a call's timeout as gRPC writes it: up to eight digits and a unit; nil for
    /// anything else.
    static func timeout(_ text: String) -> Duration? {
        guard let unit = text.last, (1...8).contains(text.utf8.count - 1),
            text.dropLast().utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let amount = Int64(text.dropLast())
        else { return nil }
        switch unit {
        case "H": return .seconds(amount * 3600)
        case "M": return .seconds(amount * 60)
        case "S": return .seconds(amount)
        case "m": return .milliseconds(amount)
        case "u": return .microseconds(amount)
        case "n": return .nanoseconds(amount)
        default: return nil
        }
    }
}
