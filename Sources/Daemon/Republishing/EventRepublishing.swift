import JetStreamBus
import Logging
import NATS
import SagaCore
import SagaRuntime

/// The command `sagad republish`.
enum EventRepublishing {
    static func run(_ settings: Settings, _ options: RepublishOptions) async throws {
        let logger = Logger(label: "sagad")
        let store = try StoreChoice.open(settings, logger: logger, isGuest: true)
        do {
            try await run(settings, options, store, logger)
        } catch let fault as StoreError {
            await store.close()
            throw Exit(fault.kind == .refused ? .refused : .failed, fault.message)
        } catch let fault as BusError {
            await store.close()
            throw Exit(fault.kind == .refused ? .refused : .failed, fault.message)
        } catch {
            await store.close()
            throw error
        }
        await store.close()
    }

    private static func run(
        _ settings: Settings, _ options: RepublishOptions, _ store: any Store, _ logger: Logger
    ) async throws {
        try await store.check()
        let clock = DatabaseClock(machineTime: .machine)
        try await clock.measure { try await store.now() }
        let selection = options.selection(at: clock.now())
        guard selection.from < selection.to else {
            throw Exit(.usage, "--from: expected a time in the past, found \(selection.from)")
        }
        let servers = settings.nats.servers.joined(separator: ",")
        let bus = try await JetStreamBus.connect(
            ConnectionOptions(servers: servers, name: "sagad-republish"),
            limits: settings.busLimits, logger: logger)
        do {
            try await check(selection.stream, on: bus)
            let work = Republishing(store: store, bus: bus, clock: clock, logger: logger)
            let count = try await work.run(selection)
            print(sentence(of: count, selection))
            if count.refused > 0 {
                throw Exit(
                    .failed, "\(count.refused) events were refused: \(count.refusal ?? "")")
            }
        } catch {
            await bus.close()
            throw error
        }
        await bus.close()
    }

    private static func check(_ stream: String?, on bus: JetStreamBus) async throws {
        guard let stream, try await bus.standing(of: stream) == nil else { return }
        throw Exit(
            .failed,
            "--stream: there is no stream \(stream) on the broker: correct the name, or start "
                + "`sagad serve`, which makes the streams of its definitions")
    }

    /// What was done, in one line.
    static func sentence(of count: ReplayCount, _ selection: Republishing.Selection) -> String {
        var place = selection.aggregate.map { " of \($0.collection)/\($0.id)" } ?? ""
        if let stream = selection.stream { place += " on \(stream)" }
        let refused = count.refused > 0 ? ", \(count.refused) refused" : ""
        return "sent \(count.sent) events\(place), recorded from \(selection.from) until before "
            + "\(selection.to): \(count.stored) stored, \(count.known) known by their ids and left "
            + "as they are\(refused)"
    }
}
