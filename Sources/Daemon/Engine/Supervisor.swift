import Logging
import SagaRuntime
import ServiceLifecycle

/// Tells systemd how the service stands: ready once everything answers, alive as long as the work
/// itself goes on, stopping when it was asked to.
struct Supervisor: Service {
    let notifier: SystemdNotifier
    let heartbeat: Heartbeat
    let settings: Settings
    let gate: Gate
    let logger: Logger

    /// The time between two reports while no watchdog asks for more.
    static let interval: Duration = .seconds(5)

    func run() async throws {
        await withGracefulShutdownHandler {
            await cancelWhenGracefulShutdown { await report() }
        } onGracefulShutdown: {
            try? notifier.stopping()
            try? notifier.extendTimeout(settings.shutdownGrace + .seconds(10))
        }
    }

    private func report() async {
        let interval = notifier.watchdogTimeout.map { min($0 / 3, Self.interval) } ?? Self.interval
        var seen = heartbeat.count
        while (try? await Task.sleep(for: interval)) != nil {
            let now = heartbeat.count
            // While the daemon waits for its database or broker there is no work to go on.
            if now != seen || gate.isWaitingFor != nil { try? notifier.watchdog() }
            seen = now
            try? notifier.status(gate.isWaitingFor.map { "waiting: \($0)" } ?? "running")
        }
    }
}
