import SagaCore
import SagaRuntime
import SagaTestKit
import Synchronization

/// What all parts of one simulation share.
final class World: Sendable {
    private struct State {
        var isCalm = false
        var isStoreAway = false
        var isBrokerAway = false
        var strikes: [Mishap: Int] = [:]
        var violations: [String] = []
    }

    let dice: Dice
    let time: VirtualTime
    let weather: Weather
    let store: InMemoryStore
    let decisions = Decisions()
    private let state = Mutex(State())

    init(seed: UInt64, keepsLines: Bool) {
        dice = Dice(seed: seed)
        time = VirtualTime(Sample.epoch, dice: dice, keepsLines: keepsLines)
        weather = Weather(dice)
        store = InMemoryStore(clock: time)
    }

    // MARK: Mishaps

    /// Whether that mishap happens now; none does once it is calm.
    func strikes(_ mishap: Mishap) -> Bool {
        let rate = weather.rate(of: mishap)
        guard rate > 0, !isCalm, dice.chance(rate) else { return false }
        note(mishap)
        return true
    }

    /// Counts a mishap that happened.
    func note(_ mishap: Mishap) {
        state.withLock { $0.strikes[mishap, default: 0] += 1 }
        time.trace("! \(mishap.rawValue)")
    }

    /// Lets nothing go wrong any more.
    func calmDown() {
        state.withLock { state in
            state.isCalm = true
            state.isStoreAway = false
            state.isBrokerAway = false
        }
        time.trace("calm")
    }

    var isCalm: Bool { state.withLock { $0.isCalm } }

    var isStoreAway: Bool {
        get { state.withLock { $0.isStoreAway } }
        set { state.withLock { $0.isStoreAway = newValue && !$0.isCalm } }
    }

    var isBrokerAway: Bool {
        get { state.withLock { $0.isBrokerAway } }
        set { state.withLock { $0.isBrokerAway = newValue && !$0.isCalm } }
    }

    // MARK: What was found

    /// Notes that a promise was broken.
    func violate(_ words: String) {
        time.trace("VIOLATION \(words)")
        state.withLock { $0.violations.append("\(time.uptime().secondsText): \(words)") }
    }

    var violations: [String] { state.withLock { $0.violations } }

    var strikes: [Mishap: Int] { state.withLock { $0.strikes } }
}

/// What the daemons decided, whether or not it was committed.
final class Decisions: Sendable {
    private struct State {
        /// What was recorded, by the decision's hash.
        var entries: [[UInt8]: [Entry]] = [:]
        /// The decisions that had a command sent, by its message's id.
        var sent: [String: [[UInt8]]] = [:]
    }

    private let state = Mutex(State())

    func note(_ decision: Decision, _ transition: Transition) {
        state.withLock { state in
            state.entries[transition.decisionHash] = decision.entries
            for case .send(let command) in decision.effects {
                state.sent[command.messageID, default: []].append(transition.decisionHash)
            }
        }
    }

    func entries(of hash: [UInt8]) -> [Entry]? { state.withLock { $0.entries[hash] } }

    /// The decisions that had that message sent.
    func senders(of messageID: String) -> [[UInt8]] {
        state.withLock { $0.sent[messageID, default: []] }
    }
}
