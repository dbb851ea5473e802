import CoreMetrics
package import Logging
package import SagaCore
import Synchronization

/// The rules by which failures are provoked, as this daemon knows them: read from the database every
/// ``FaultLimits/look``, and at once where somebody sets or removes one here.
///
/// There is one only where `faults.enabled` is true.
package final class FaultBoard: Sendable {
    /// A rule that is kept, with what is known of it.
    package struct Entry: Sendable {
        /// The rule as it is kept.
        package var stored: StoredFault
        /// The rule's text.
        package var document: Value
        /// The rule; nil where this daemon cannot read it.
        package var rule: FaultRule?
    }

    private struct State {
        var entries: [Entry] = []
        /// The names of rules that cannot be read here, as they were told of.
        var unreadable: Set<FaultGeneration> = []
        /// The rules that sagas' starts asked for; empty where they asked for none.
        var assigned: [SagaID: [String]] = [:]
        var hasFailed = false
    }

    private let store: any FaultStore
    private let catalog: Catalog
    private let clock: any SagaClock
    private let language: FaultLanguage
    private let logger: Logger
    private let state = Mutex(State())
    private let random = RandomSource()

    /// The board over those rules.
    package init(
        store: any FaultStore, catalog: Catalog, clock: any SagaClock, language: FaultLanguage,
        logger: Logger
    ) {
        self.store = store
        self.catalog = catalog
        self.clock = clock
        self.language = language
        self.logger = logger
    }

    /// Reads the rules again and again, until cancelled.
    package func run() async {
        while !Task.isCancelled {
            do {
                try await refresh()
            } catch {
                note(failure: error)
            }
            do {
                try await clock.sleep(until: clock.now() + FaultLimits.look)
            } catch {
                return
            }
        }
    }

    /// Reads the rules.
    package func refresh() async throws {
        let stored = try await store.faults()
        let entries = stored.map(entry)
        let news = state.withLock { state in
            state.hasFailed = false
            state.entries = entries
            let unreadable = entries.filter { $0.rule == nil }.map(\.stored.generation)
            let news = unreadable.filter { !state.unreadable.contains($0) }
            state.unreadable = Set(unreadable)
            return news
        }
        for generation in news {
            logger.warning(
                "a fault's rule is not understood here and strikes nothing",
                metadata: ["rule": "\(generation.name)"])
        }
    }

    /// A rule is read as of when it was set: one that is over is still a rule.
    private func entry(_ stored: StoredFault) -> Entry {
        let document = (try? Value(json: stored.rule)) ?? .null
        let read = FaultReader.read(
            document, catalog: catalog, language: language, now: stored.generation.setAt)
        return Entry(stored: stored, document: document, rule: try? read.get().rule)
    }

    private func note(failure: any Error) {
        if Task.isCancelled || state.withLock({ $0.hasFailed }) { return }
        state.withLock { $0.hasFailed = true }
        logger.warning("the rules of faults cannot be read", metadata: ["problem": "\(failure)"])
    }

    /// The time that rules end by.
    package var now: Instant { clock.now() }

    /// The rules that are kept, by name, as of the last look.
    package var entries: [Entry] { state.withLock { $0.entries } }

    /// The rules of that edge that may strike now, by name.
    func rules(at edge: Fault.Edge) -> [Entry] {
        let entries = state.withLock { $0.entries }
        if entries.isEmpty { return [] }
        let now = clock.now()
        return entries.filter { entry in
            guard let rule = entry.rule, rule.fault.edge == edge, now < rule.until else {
                return false
            }
            return rule.times.map { entry.stored.struck < $0 } ?? true
        }
    }
}

// MARK: - Setting and removing

extension FaultBoard {
    /// What is wrong with a rule; nil where nothing is.
    package func problems(of document: Value) -> UnusableFault? {
        let read = FaultReader.read(
            document, catalog: catalog, language: language, now: clock.now())
        guard case .failure(let problem) = read else { return nil }
        return problem
    }

    /// The rule that a text in YAML says, unchecked.
    package func document(ofYAML text: String) -> Result<Value, UnreadableFault> {
        language.document(text)
    }

    /// Keeps a rule in the place of the one of its name.
    ///
    /// - Throws: ``UnusableFault``, ``TooManyFaults``, ``StoreError``.
    package func set(_ document: Value, by: String) async throws -> Entry {
        let read = FaultReader.read(
            document, catalog: catalog, language: language, now: clock.now())
        let (rule, settled) = try read.get()
        let now = clock.now()
        let others = try await store.faults().filter {
            $0.generation.name != rule.name && $0.expiresAt > now
        }
        guard others.count < FaultLimits.rules else { throw TooManyFaults() }
        let stored = StoredFault(
            generation: FaultGeneration(name: rule.name, setAt: now),
            rule: settled.jsonText, setBy: by, expiresAt: rule.until, times: rule.times)
        try await store.put(stored)
        logger.notice(
            "a fault is set",
            metadata: [
                "rule": "\(rule.name)", "what": "\(rule.fault.name)", "by": "\(by)",
                "until": "\(rule.until)",
            ])
        try await refresh()
        return Entry(stored: stored, document: settled, rule: rule)
    }

    /// Forgets a rule; answers whether there was one of that name.
    package func remove(_ name: String) async throws -> Bool {
        let wasThere = try await store.removeFault(name)
        if wasThere { logger.notice("a fault is removed", metadata: ["rule": "\(name)"]) }
        try await refresh()
        return wasThere
    }

    /// The names among those given that no rule has which may strike now.
    package func unknown(_ names: [String]) async throws -> [String] {
        func missing() -> [String] {
            let now = clock.now()
            let known = state.withLock { state in
                state.entries.filter { $0.rule != nil && $0.stored.expiresAt > now }
                    .map(\.stored.generation.name)
            }
            return names.filter { !known.contains($0) }
        }
        if missing().isEmpty { return [] }
        try await refresh()
        return missing()
    }

    /// Has rules strike a saga that is about to start.
    func assign(_ names: [String], to id: SagaID) async throws {
        try await store.assign(names, to: id, at: clock.now())
        remember([id: names])
    }

    /// The rules that sagas' starts asked for; where that cannot be read, none.
    func assigned(to ids: [SagaID]) async -> [SagaID: [String]] {
        let known = state.withLock { state in
            Dictionary(
                ids.compactMap { id in state.assigned[id].map { (id, $0) } },
                uniquingKeysWith: { first, _ in first })
        }
        let unknown = ids.filter { known[$0] == nil }
        if unknown.isEmpty { return known }
        do {
            var found = try await store.assignedFaults(of: unknown)
            for id in unknown where found[id] == nil { found[id] = [] }
            remember(found)
            return known.merging(found) { first, _ in first }
        } catch {
            note(failure: error)
            return known
        }
    }

    private func remember(_ assigned: [SagaID: [String]]) {
        state.withLock { state in
            if state.assigned.count > FaultLimits.remembered { state.assigned = [:] }
            state.assigned.merge(assigned) { _, new in new }
        }
    }
}

/// There are as many rules as there may be.
package struct TooManyFaults: Error, Sendable {
    /// What to do.
    package var message: String {
        "there are \(FaultLimits.rules) rules already: remove some first"
    }
}

// MARK: - Striking

extension FaultBoard {
    /// The first of those rules that strikes a target, once the strike is recorded; nil where none
    /// does, or it cannot be recorded.
    func strike(_ target: FaultTarget, by entries: [Entry]) async -> FaultRule? {
        let now = clock.now()
        for entry in entries {
            guard let rule = entry.rule, rule.strikes(target, at: now),
                await record(rule, entry.stored.generation, target, now)
            else { continue }
            return rule
        }
        return nil
    }

    private func record(
        _ rule: FaultRule, _ generation: FaultGeneration, _ target: FaultTarget, _ now: Instant
    ) async -> Bool {
        let strike = FaultStrike(
            id: random.identity(at: now), sagaID: target.saga.id, at: now, rule: rule.name,
            detail: target.detail(of: rule.fault))
        do {
            guard try await store.record(strike, of: generation) else {
                countOut(generation)
                return false
            }
        } catch {
            note(failure: error)
            return false
        }
        count(generation)
        Counter(
            label: "sagad_faults_struck_total", dimensions: [("fault", rule.fault.key)]
        ).increment()
        logger.notice(
            "a fault strikes",
            metadata: [
                "rule": "\(rule.name)", "what": "\(rule.fault.name)",
                "saga_id": "\(target.saga.id)", "step": "\(target.path)",
            ])
        return true
    }

    /// Counts a strike here, until the next look.
    private func count(_ generation: FaultGeneration) {
        change(generation) { $0.struck += 1 }
    }

    /// Takes a rule for used up, until the next look.
    private func countOut(_ generation: FaultGeneration) {
        change(generation) { $0.struck = max($0.struck, $0.times ?? 0) }
    }

    private func change(_ generation: FaultGeneration, _ body: (inout StoredFault) -> Void) {
        state.withLock { state in
            guard
                let place = state.entries.firstIndex(where: { $0.stored.generation == generation })
            else { return }
            body(&state.entries[place].stored)
        }
    }
}
