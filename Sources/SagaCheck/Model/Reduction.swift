/// How much of what cannot matter is left out of an exploration.
package enum Reduction: Int, Comparable, Sendable {
    /// Nothing: every state that differs in anything but times and identities, and every order.
    case nothing
    /// States that no rule and no invariant tells apart are one; no sequence of events is lost.
    ///
    /// What is merged is (branching) bisimilar, after Milner, *Communication and Concurrency*
    /// (1989), and van Glabbeek and Weijland, *Branching Time and Abstraction* (1996): a state has
    /// the same futures as the one that stands for it, up to moves that change nothing that an
    /// invariant, an event or a property sees.
    /// - The attempts before the last: each may be answered as the last may, and may always be
    ///   followed by it. A retry without end leads nowhere but to itself.
    /// - The attempts of a compensation: it is done, or an operator is needed, whichever attempt
    ///   it was. Probes that are answered `pending` likewise.
    /// - Former commands whose reply the rules ignore from here on, and answers to probes, which
    ///   say what a late reply to the command says.
    /// - Which of its continuing outcomes a step had, where no condition that may still be asked
    ///   and no invariant reads it; the order in which commands were opened and steps became done;
    ///   the texts of failures; conditions that nobody asks again; who escalations ask.
    /// - What became of a step that is over, of which nothing is left to take back and no late news
    ///   counts, where nobody reads it; on the way back it is as if it had never been entered.
    /// - The elements of an `each` that differ only in their places, after Ip and Dill, *Better
    ///   Verification Through Symmetry* (1996): values are opaque and conditions are chosen for
    ///   each element alike, so that exchanging two elements maps runs to runs. Elements that wait
    ///   for their turn (`at_most` below the two that are explored) are told apart.
    case states
    /// Of moves that commute only one order is explored, besides: see ``Patience``.
    case statesAndOrders

    package static func < (one: Reduction, other: Reduction) -> Bool {
        one.rawValue < other.rawValue
    }
}
