import Foundation
import SagaCore
import SagaLanguage
import SagaRuntime

/// The store and the bus that the coordinator works with: as they are, or struck by the rules where
/// failures may be provoked.
struct FaultStage {
    let store: any Store
    let bus: any Bus
    private let board: FaultBoard?
    private let faultyBus: FaultyBus?

    init(store: any Store, bus: any Bus, board: FaultBoard?, clock: any SagaClock) {
        self.board = board
        guard let board else {
            self.store = store
            self.bus = bus
            self.faultyBus = nil
            return
        }
        let crash: @Sendable () -> Void = { kill(getpid(), SIGKILL) }
        let faultyBus = FaultyBus(bus, store: store, board: board, clock: clock, crash: crash)
        self.store = FaultyStore(store, board: board, clock: clock, crash: crash)
        self.bus = faultyBus
        self.faultyBus = faultyBus
    }

    /// Keeps the rules up to date and takes the replies, until cancelled.
    func run() async {
        guard let board, let faultyBus else { return }
        await withTaskGroup { group in
            group.addTask { await board.run() }
            group.addTask { await faultyBus.run() }
        }
    }
}

extension FaultLanguage {
    /// Durations and conditions as the saga language has them.
    static let saga = FaultLanguage(
        duration: { DurationText.duration($0) },
        condition: { text, definition in
            DocumentCondition.compile(text, over: definition).mapError { issues in
                let words = issues.issues.map { issue in
                    issue.message + (issue.fix.map { ": \($0)" } ?? "")
                }
                return UnusableCondition(words.joined(separator: "; "))
            }
        },
        document: { text in
            FaultDocument.rules(of: text, file: "body").mapError { UnreadableFault($0.message) }
                .flatMap { rules in
                    rules.count == 1
                        ? .success(rules[0].value)
                        : .failure(
                            UnreadableFault("body: expected one rule, found \(rules.count)"))
                }
        })
}
