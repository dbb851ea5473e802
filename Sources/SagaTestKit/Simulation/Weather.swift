/// What may go wrong while a simulation runs.
enum Mishap: String, CaseIterable, Sendable {
    /// A call never reaches the store.
    case storeAway = "store away"
    /// A call is carried out, and its answer lost.
    case storeLostAnswer = "answer of the store lost"
    /// A call is carried out after its caller heard that the store was away.
    case storeLate = "store late"
    /// A commit conflicts although nobody else wrote.
    case storeConflict = "store conflicts"
    /// A call takes seconds.
    case storeSlow = "store slow"
    /// The broker refuses a command.
    case commandRefused = "command refused"
    /// The broker acknowledges a command and loses it.
    case commandLost = "command lost"
    /// A command is lost without an acknowledgement.
    case commandUnsent = "command unsent"
    /// A command is stored, and its acknowledgement lost.
    case commandUnacknowledged = "command unacknowledged"
    /// A command is delivered twice.
    case commandTwice = "command twice"
    /// A command takes seconds.
    case commandDelayed = "command delayed"
    /// The broker refuses an event.
    case eventRefused = "event refused"
    /// An event is lost without an acknowledgement.
    case eventUnsent = "event unsent"
    /// An event is stored, and its acknowledgement lost.
    case eventUnacknowledged = "event unacknowledged"
    /// A reply is acknowledged and lost.
    case replyLost = "reply lost"
    /// A reply is delivered twice.
    case replyTwice = "reply twice"
    /// A reply takes seconds.
    case replyDelayed = "reply delayed"
    /// The acknowledgement of a reply is lost.
    case acknowledgementLost = "acknowledgement lost"
    /// The news of an event are lost.
    case newsLost = "news lost"
    /// A participant does not take a command.
    case participantDown = "participant down"
    /// A participant dies between its commit and its reply.
    case participantDies = "participant dies"
    /// A participant fails in a way that may pass.
    case participantBusy = "participant busy"
    /// A participant fails for good.
    case participantFails = "participant fails"
    /// A participant works on a command for seconds.
    case participantSlow = "participant slow"
    /// A probe asks for what a participant still works on.
    case participantPending = "participant pending"
    /// The broker forgets what it recognises repeated publishes by.
    case windowForgotten = "duplicate window forgotten"
    /// The broker loses the newest messages of a stream.
    case tailLost = "end of a stream lost"
    /// A stream is deleted and made anew.
    case streamLost = "stream lost"
    /// The store is away for seconds.
    case storeOutage = "store out"
    /// The broker is away for seconds.
    case busOutage = "broker out"
    /// All daemons are killed, and the broker loses the ends of its streams.
    case powerCut = "power cut"
    /// A daemon is killed.
    case daemonKilled = "daemon killed"
    /// A daemon stops as asked.
    case daemonStopped = "daemon stopped"
    /// A daemon stands still for seconds, and goes on.
    case daemonFrozen = "daemon frozen"
}

/// How likely each mishap is in one simulation.
struct Weather: Sendable {
    private let rates: [Mishap: Double]

    /// How long mishaps happen, from the beginning.
    let storm: Duration

    /// The weather that the dice give: of the mishaps that meet single calls about half, with rates
    /// from one in a hundred to one in seven.
    init(_ dice: Dice) {
        storm = dice.milliseconds(6000...14_000)
        let isFine = dice.chance(0.05)
        let share = dice.pick([0.25, 0.5, 0.75])
        var rates: [Mishap: Double] = [:]
        for mishap in Mishap.allCases where !isFine && dice.chance(share) {
            rates[mishap] = dice.pick([0.01, 0.03, 0.07, 0.15])
        }
        // A daemon knows by itself what it published: news matter only where it dies at once.
        if rates[.newsLost] != nil { rates[.newsLost] = dice.pick([0.05, 0.2, 0.6]) }
        // Of those who are slow, few are asked by a probe.
        if rates[.participantSlow] != nil {
            rates[.participantSlow] = dice.pick([0.05, 0.15, 0.4])
        }
        if rates[.tailLost] != nil {
            if dice.chance(0.5) {
                rates[.tailLost] = nil
            } else {
                // Where the broker loses what one daemon published last, that daemon alone can tell,
                // unless all begin anew.
                rates[.daemonKilled] = nil
                rates[.daemonStopped] = nil
            }
        }
        self.rates = rates
    }

    func rate(of mishap: Mishap) -> Double { rates[mishap, default: 0] }

    /// Whether a mishap of the whole, such as a crash, belongs to this weather.
    func has(_ mishap: Mishap) -> Bool { rates[mishap] != nil }
}
