import Glibc

/// The program behind `make simulate`: many seeds one after the other, or one in words.
package enum SimulateCommand {
    private static let usage = """
        usage: sagad-simulate [--from SEED] [--seeds COUNT] [--first-only]
               sagad-simulate --trace SEED

        Runs the simulations of COUNT seeds from SEED on (default: 1000 from 1), and prints each
        seed that broke a promise; --first-only ends at the first of them. --trace tells what
        happens in the simulation of one seed. Ends with 1 where a promise was broken.
        """

    /// Runs the program with the arguments of the process, and ends it.
    package static func runAsProgram() -> Never {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard let order = Order(arguments) else {
            print(usage)
            exit(arguments.contains("--help") ? 0 : 2)
        }
        exit(order.trace.map(tell) ?? runAll(order))
    }

    private struct Order {
        var from: UInt64 = 1
        var count: UInt64 = 1000
        var isFirstOnly = false
        var trace: UInt64?

        init?(_ arguments: [String]) {
            var rest = arguments[...]
            while let word = rest.popFirst() {
                switch word {
                case "--first-only": isFirstOnly = true
                case "--from", "--seeds", "--trace":
                    guard let number = rest.popFirst().flatMap({ UInt64($0) }) else { return nil }
                    if word == "--from" { from = number }
                    if word == "--seeds" { count = number }
                    if word == "--trace" { trace = number }
                default: return nil
                }
            }
        }
    }

    private static func tell(_ seed: UInt64) -> Int32 {
        let report = Simulation.run(seed: seed, keepsLines: true)
        for line in report.lines { print(line) }
        print(report.summary)
        return report.violations.isEmpty ? 0 : 1
    }

    private static func runAll(_ order: Order) -> Int32 {
        var sum = SimulationSum()
        for seed in order.from..<order.from + order.count {
            let report = Simulation.run(seed: seed)
            sum.add(report)
            guard !report.violations.isEmpty else { continue }
            print(report.failure)
            fflush(nil)
            if order.isFirstOnly { break }
        }
        print(sum.text)
        return sum.failures == 0 ? 0 : 1
    }
}

extension SimulationReport {
    /// What broke, and the command that repeats it.
    package var failure: String {
        let list = violations.prefix(5).map { "  \($0)\n" }.joined()
        return "seed \(seed) breaks \(violations.count) promises:\n\(list)"
            + "  repeat it with: make simulate TRACE=\(seed)"
    }

    /// The run in one line.
    package var summary: String {
        let ends = ends.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        return "seed \(seed): \(ends.joined(separator: ", ")); "
            + "\(mishaps.values.reduce(0, +)) mishaps, \(time.components.seconds) s, \(steps) jobs, "
            + "hash \(String(hash, radix: 16)), \(violations.count) violations"
    }
}

/// What came of many seeds.
package struct SimulationSum: Sendable {
    private var seeds = 0
    /// How many seeds broke a promise.
    package private(set) var failures = 0
    /// How many sagas reached each status.
    package private(set) var sagas: [String: Int] = [:]
    private var mishaps: [String: Int] = [:]
    private var seconds: Int64 = 0

    /// Nothing yet.
    package init() {}

    /// Adds what came of one seed.
    package mutating func add(_ report: SimulationReport) {
        seeds += 1
        if !report.violations.isEmpty { failures += 1 }
        sagas.merge(report.ends) { $0 + $1 }
        mishaps.merge(report.mishaps) { $0 + $1 }
        seconds += report.time.components.seconds
    }

    /// The mishaps that never happened, by name.
    package var unmet: [String] {
        Mishap.allCases.map(\.rawValue).filter { mishaps[$0] == nil }
    }

    /// All of it in words.
    package var text: String {
        let ends = sagas.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        let list = mishaps.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)\n" }
        return "mishaps:\n\(list.joined())"
            + "\(seeds) seeds, \(sagas.values.reduce(0, +)) sagas (\(ends.joined(separator: ", "))), "
            + "\(seconds / 60) simulated minutes: \(failures) seeds broke a promise"
    }
}
