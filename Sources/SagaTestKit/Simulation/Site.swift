import SagaCore
import SagaRuntime
import Synchronization

/// The daemons of a simulation: who lives, dies and comes again.
final class Site: Sendable {
    private struct State {
        var living: [Daemon?]
        var lives = 0
    }

    private let world: World
    private let broker: Broker
    private let state: Mutex<State>
    private let end = Flag()

    init(_ world: World, _ broker: Broker) {
        self.world = world
        self.broker = broker
        state = Mutex(State(living: Array(repeating: nil, count: world.dice.pick([1, 2, 2, 3]))))
    }

    /// A daemon that lives, if any does.
    var daemon: Daemon? {
        let living = state.withLock { $0.living.compactMap { $0 } }.filter { !$0.isDead }
        return living.isEmpty ? nil : world.dice.pick(living)
    }

    /// Runs the daemons until ``close()``.
    func run() async {
        let count = state.withLock { $0.living.count }
        await withTaskGroup { group in
            for place in 0..<count { group.addTask { await self.keepAlive(place) } }
            group.addTask { await self.meetMishaps() }
        }
    }

    /// Stops all daemons, as an operator does.
    func close() {
        end.raise()
        for daemon in state.withLock({ $0.living.compactMap { $0 } }) { daemon.stop() }
    }

    /// Starts a daemon again and again.
    private func keepAlive(_ place: Int) async {
        await world.time.wait(world.dice.milliseconds(0...300))
        while !end.isRaised {
            let daemon = state.withLock { state in
                state.lives += 1
                return Daemon(world, broker, number: state.lives)
            }
            state.withLock { $0.living[place] = daemon }
            world.time.trace("daemon starts at \(place)")
            await daemon.run()
            state.withLock { $0.living[place] = nil }
            world.time.trace("daemon has ended at \(place)")
            if !end.isRaised { await world.time.wait(world.dice.milliseconds(100...4000)) }
        }
    }

    // MARK: Mishaps of the whole

    private func meetMishaps() async {
        let all: [Mishap] = [
            .daemonKilled, .daemonKilled, .daemonStopped, .daemonFrozen, .storeOutage, .busOutage,
            .windowForgotten, .tailLost, .streamLost, .powerCut,
        ]
        let possible = all.filter { world.weather.has($0) }
        guard !possible.isEmpty else { return }
        while true {
            await world.time.wait(world.dice.milliseconds(200...2500))
            if world.isCalm { return }
            await meet(world.dice.pick(possible))
        }
    }

    /// A broker that lost the end of a stream once may do so again, while it is repaired, say.
    private func loseTails(of stream: String) async {
        repeat {
            broker.loseTail(of: stream, UInt64(world.dice.among(1...4)))
            await world.time.wait(world.dice.milliseconds(20...1500))
        } while !world.isCalm && world.dice.chance(0.6)
    }

    private func meet(_ mishap: Mishap) async {
        let dice = world.dice
        world.note(mishap)
        switch mishap {
        case .daemonKilled: daemon?.kill()
        case .daemonStopped: daemon?.stop()
        case .daemonFrozen: daemon?.freeze(for: dice.milliseconds(500...12_000))
        case .powerCut:
            for daemon in state.withLock({ $0.living.compactMap { $0 } }) { daemon.kill() }
            for stream in broker.streamNames {
                broker.loseTail(of: stream, UInt64(dice.among(0...4)))
            }
        case .storeOutage:
            world.isStoreAway = true
            await world.time.wait(dice.milliseconds(100...4000))
            world.isStoreAway = false
        case .busOutage:
            world.isBrokerAway = true
            await world.time.wait(dice.milliseconds(100...4000))
            world.isBrokerAway = false
        case .windowForgotten: broker.forgetWindow()
        case .tailLost: await loseTails(of: dice.pick(broker.streamNames))
        case .streamLost: broker.lose(dice.pick(broker.streamNames))
        case .storeAway, .storeLostAnswer, .storeLate, .storeConflict, .storeSlow, .commandRefused,
            .commandLost, .commandUnsent, .commandUnacknowledged, .commandTwice, .commandDelayed,
            .eventRefused, .eventUnsent, .eventUnacknowledged, .replyLost, .replyTwice,
            .replyDelayed, .acknowledgementLost, .newsLost, .participantDown, .participantDies,
            .participantBusy, .participantFails, .participantSlow, .participantPending:
            preconditionFailure("These meet single calls.")
        }
    }
}
