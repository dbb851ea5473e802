/// What is done to the system under load.
package enum Part: String, Sendable, CaseIterable {
    /// The daemon is killed, and started again at once.
    case kills
    /// The database server, where there is one, and the broker crash and are started again.
    case restarts
    /// The daemon is killed between storing and publishing, again and again.
    case gaps
    /// The broker's streams are deleted while all orders are on their way.
    case deletions
    /// All of the daemon's connections to the database are terminated, again and again.
    case disconnects
    /// The broker is killed, and its storage directory deleted before it is started again.
    case wipes
    /// The daemon stands still (SIGSTOP) for longer than its leases last, and goes on; where the
    /// store can be shared there are two daemons, and the other one takes over meanwhile.
    case stops
    /// Of two daemons either is killed, and in the end one stays away.
    case pairs
    /// The broker's disk is full for some time.
    case fills
    /// A proxy cuts, stalls and falsifies commits on their way to the database.
    case cuts

    /// Where it can be tried.
    package var stores: [StoreKind] {
        switch self {
        case .kills, .restarts, .gaps, .deletions, .wipes, .stops, .fills: StoreKind.allCases
        case .disconnects, .pairs, .cuts: [.postgresql]
        }
    }

    /// How many daemons there are.
    func daemons(on store: StoreKind) -> Int {
        switch (self, store) {
        case (.pairs, _), (.stops, .postgresql): 2
        case (.stops, .sqlite), (.kills, _), (.restarts, _), (.gaps, _), (.deletions, _),
            (.disconnects, _), (.wipes, _), (.fills, _), (.cuts, _):
            1
        }
    }

    /// How often it strikes where nothing is said.
    package var usualStrikes: Int {
        switch self {
        case .kills: 10
        case .restarts, .wipes, .stops, .fills: 2
        case .gaps: 100
        case .deletions: 1
        case .disconnects: 50
        case .pairs: 11
        case .cuts: 60
        }
    }

    /// How long something stands still, is away or full; longer than a lease, and, where the daemon
    /// stands still, longer than the broker waits for an acknowledgement, too.
    package var usualLasting: Duration {
        switch self {
        case .stops: .seconds(40)
        case .pairs: .seconds(20)
        case .fills: .seconds(10)
        case .kills, .restarts, .gaps, .deletions, .disconnects, .wipes, .cuts: .zero
        }
    }

    /// What the daemon may say as an error: that the database is away, or that the broker lost
    /// something, where that is what is done to it.
    var expectedErrors: [String] {
        let database = [
            "the database does not answer; work waits until it does",
            "the views cannot be written; they wait until the database answers",
            "the leases could not be renewed; timers and leftovers wait, or are another daemon's",
        ]
        let broker = ["the broker lost the messages of a stream, which is made anew"]
        return switch self {
        case .kills, .gaps, .pairs: []
        case .restarts: database + broker
        case .disconnects, .cuts, .stops: database
        case .deletions, .wipes, .fills: broker
        }
    }
}
