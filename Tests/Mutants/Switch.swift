import Glibc

/// Which of the mutants in this build of the core is on; `mutants` adds this file to its copy.
///
/// All mutants are compiled at once, each behind its number, so that one build serves all of them.
enum Mutant {
    /// The number in `SAGA_MUTANT`; 0, no mutant's, where it is not set.
    static let active = getenv("SAGA_MUTANT").flatMap { Int(String(cString: $0)) } ?? 0

    /// Whether the mutant of that number is on.
    static func isOn(_ number: Int) -> Bool { active == number }

    /// The first value, or the second where the mutant is on.
    static func pick<Chosen>(
        _ number: Int, _ original: @autoclosure () -> Chosen, _ mutated: @autoclosure () -> Chosen
    ) -> Chosen {
        isOn(number) ? mutated() : original()
    }

    /// A number, or the next one where the mutant is on.
    static func next<Counted: Numeric>(_ number: Int, _ original: Counted) -> Counted {
        isOn(number) ? original + 1 : original
    }

    /// The greater of two values, or the lesser where the mutant is on.
    static func max<Ordered: Comparable>(
        _ number: Int, _ left: Ordered, _ right: Ordered
    ) -> Ordered {
        isOn(number) ? Swift.min(left, right) : Swift.max(left, right)
    }
}
