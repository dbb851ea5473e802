import LoadClient

/// The rows of the parts beside the load itself.
extension BenchReport {
    func addWindows(to table: inout Table) {
        let windows = figures.stores.map { Array($0.saturations.dropLast()) }
        for window in Set(windows.joined().map(\.inFlight)).sorted() {
            add("with \(window) on their way at most: sagas/s", to: &table) { store in
                store.saturations.first { $0.inFlight == window }
                    .map { Figures.text($0.perSecond, digits: 0) }
            }
        }
    }

    func addRates(to table: inout Table) {
        addRates("POST to the last event", to: &table, \.rates) { $0.events }
        addRates("answer to POST", to: &table, \.rates) { $0.answers }
    }

    private func addRates(
        _ what: String, to table: inout Table, _ rates: (StoreFigures) -> [RateFigures],
        _ latencies: (RateFigures) -> Latencies
    ) {
        var title = "\(what) p50 / p99 / p99.9, ms"
        for rate in Set(figures.stores.flatMap(rates).map(\.rate)).sorted() {
            add("\(title), at \(Figures.text(rate, digits: 0)) a second", to: &table) { store in
                rates(store).first { $0.rate == rate }.map { Self.three(latencies($0)) }
            }
            title = "  the same"
        }
    }

    func addRejections(to table: inout Table) {
        add("a fifth rejected, as fast as they are taken: sagas/s", to: &table) {
            $0.rejections.map { Figures.text($0.saturation.perSecond, digits: 0) }
        }
        addCosts(of: "a saga", to: &table) { $0.rejections?.saturation.costs }
        addRates("a fifth rejected, POST to the last event", to: &table) {
            $0.rejections?.rates ?? []
        } _: {
            $0.events
        }
    }

    func addIntake(to table: inout Table) {
        add("intake alone: orders/s", to: &table) {
            $0.intake.map { Figures.text($0.perSecond, digits: 0) }
        }
        add("  answer to POST p50 / p99 / p99.9, ms", to: &table) {
            $0.intake.map { Self.three($0.answers) }
        }
        addCosts(of: "an order", to: &table) { $0.intake?.costs }
        add("  memory of sagad now / at most", to: &table) {
            $0.intake.map { Self.memory($0.memory) }
        }
        add("  then all sagas had ended after, s", to: &table) {
            $0.intake.map { Figures.text($0.drained.inSeconds) }
        }
    }

    func addDaemons(to table: inout Table) {
        for count in Set(figures.stores.flatMap(\.daemons).map(\.daemons)).sorted() {
            func run(_ store: StoreFigures) -> DaemonsFigures? {
                store.daemons.first { $0.daemons == count }
            }
            let who = count == 1 ? "one daemon" : "\(count) daemons"
            add("\(who): sagas/s", to: &table) {
                run($0).map { Figures.text($0.saturation.perSecond, digits: 0) }
            }
            add("  of one daemon's, %", to: &table) { store in
                guard count > 1, let one = store.daemons.first, let run = run(store) else {
                    return nil
                }
                let share = run.saturation.perSecond / one.saturation.perSecond
                return Figures.text(100 * share, digits: 0)
            }
            add("  conflicts of versions / rolled back, % of commits", to: &table) {
                run($0).map { Self.conflicts($0.conflicts) }
            }
        }
    }

    private static func conflicts(_ conflicts: Conflicts) -> String {
        let commits = Double(max(conflicts.commits, 1)) / 100
        let versions = Figures.text(Double(conflicts.versions) / commits, digits: 2)
        return "\(versions) / \(Figures.text(Double(conflicts.rollbacks) / commits, digits: 2))"
    }

    func addWaiting(to table: inout Table) {
        let count = figures.stores.lazy.compactMap(\.waiting).first?.sagas ?? 0
        add("\(count) sagas that wait for a day, taken a second", to: &table) {
            $0.waiting.map { Figures.text($0.takenPerSecond, digits: 0) }
        }
        add("  memory of sagad idle / with them / after a new start", to: &table) {
            $0.waiting.map {
                [$0.idleBytes, $0.waitingBytes, $0.restartedBytes].map(Figures.mebibytes)
                    .joined(separator: " / ")
            }
        }
        add("  ready after a start without / with them, ms", to: &table) {
            $0.waiting.map {
                [$0.startedEmpty, $0.started].map { Figures.text($0.inMilliseconds, digits: 0) }
                    .joined(separator: " / ")
            }
        }
        add("  their participant is back: first ended / all ended after, s", to: &table) {
            $0.waiting.map {
                [$0.firstEnd, $0.resumed].map { Figures.text($0.inSeconds) }
                    .joined(separator: " / ")
            }
        }
        add("  ended a second", to: &table) {
            $0.waiting.map { Figures.text($0.resumedPerSecond, digits: 0) }
        }
    }
}
