import SagaCore
import SagaRuntime
import SagaTestKit
import Synchronization

/// Those who start sagas, cancel some, append events, and see to what is stuck.
final class Clients: Sendable {
    private let world: World
    private let site: Site
    private let started = Mutex<[Int: SagaIdentity]>([:])

    init(_ world: World, _ site: Site) {
        self.world = world
        self.site = site
    }

    /// The sagas that were started, by client.
    var sagas: [SagaIdentity] {
        started.withLock { started in
            started.sorted { $0.key < $1.key }.map(\.value)
        }
    }

    /// Does all that clients do; returns when each has an answer.
    func run() async {
        let count = world.dice.among(2...7)
        let names = (0..<count).map { _ in
            world.dice.pick(["order", "order", "trip", "basket", "parcel"])
        }
        await withTaskGroup { group in
            for (number, name) in names.enumerated() {
                group.addTask { await self.beClient(number, of: name) }
            }
        }
    }

    private func beClient(_ number: Int, of name: String) async {
        await world.time.wait(world.dice.milliseconds(0...5000))
        // Some are impatient, and ask twice at a time.
        let isDouble = world.dice.chance(0.15)
        await withTaskGroup { group in
            group.addTask { await self.start(number, name) }
            if isDouble { group.addTask { await self.start(number, name) } }
        }
        guard let saga = started.withLock({ $0[number] }) else { return }
        if name == "parcel" { await append(number, to: saga) }
        if world.dice.chance(0.2) { await cancel(saga) }
    }

    // MARK: Starting

    private func start(_ number: Int, _ name: String) async {
        let items = (0..<world.dice.among(0...3)).map { Value.string("i\($0)") }
        let body: Value = ["client": .string("c\(number)"), "items": .list(items)]
        let digest = SHA256.digest(of: Array("c\(number)".utf8))
        let request = StartRequest(
            definition: name, body: body, digest: digest, idempotencyKey: "c\(number)")
        while true {
            if let daemon = site.daemon {
                do {
                    let saga = try await daemon.coordinator.start(request)
                    return note(saga, number)
                } catch StartProblem.overloaded, StartProblem.unavailable {
                } catch {
                    return world.violate("client \(number) could not start: \(error)")
                }
            }
            await world.time.wait(world.dice.milliseconds(100...1500))
        }
    }

    private func note(_ saga: StartedSaga, _ number: Int) {
        world.time.trace("client \(number) has \(saga.identity.name) \(saga.identity.id)")
        let known = started.withLock { started in
            let known = started[number]
            started[number] = saga.identity
            return known
        }
        if let known, known.id != saga.identity.id {
            world.violate("client \(number) has two sagas: \(known.id) and \(saga.identity.id)")
        }
        if world.store.row(of: saga.identity.id) == nil {
            world.violate(
                "client \(number) was told of saga \(saga.identity.id), which is not stored")
        }
    }

    // MARK: What comes later

    private func cancel(_ saga: SagaIdentity) async {
        await world.time.wait(world.dice.milliseconds(0...8000))
        let action = OperatorAction(by: "client", reason: "changed their mind")
        for _ in 0..<5 {
            if let daemon = site.daemon {
                do {
                    _ = try await daemon.coordinator.operate(on: saga.id, .cancel(action))
                    return world.time.trace("cancelled \(saga.id)")
                } catch OperatorProblem.overloaded, OperatorProblem.unavailable {
                } catch {
                    return
                }
            }
            await world.time.wait(world.dice.milliseconds(100...2000))
        }
    }

    /// Appends the event that a parcel waits for, maybe; until it is answered.
    private func append(_ number: Int, to saga: SagaIdentity) async {
        guard world.dice.chance(0.85) else { return }
        await world.time.wait(world.dice.milliseconds(0...12_000))
        let type = world.dice.pick(["PARCELS.packed", "PARCELS.packed", "PARCELS.damaged"])
        let event = NewEvent(
            id: "packing-\(number)", aggregateType: "parcel", aggregateID: saga.key,
            stream: "PARCELS", type: type, body: Array(#"{"by":"client"}"#.utf8))
        while true {
            if let daemon = site.daemon {
                do {
                    let until = world.time.now() + .seconds(3)
                    let answer = try await daemon.coordinator.append(event, until: until)
                    world.time.trace("appended \(event.id): \(answer)")
                    return check(answer, event)
                } catch AppendProblem.overloaded, AppendProblem.unavailable {
                } catch {
                    return world.violate("event \(event.id) could not be appended: \(error)")
                }
            }
            await world.time.wait(world.dice.milliseconds(100...1500))
        }
    }

    private func check(_ answer: AppendAnswer, _ event: NewEvent) {
        switch answer {
        case .appended(let version):
            if world.store.version(ofEvent: event.id) != version {
                world.violate(
                    "event \(event.id) was appended as version \(version), which is not stored")
            }
        case .known:
            if world.store.version(ofEvent: event.id) == nil {
                world.violate("event \(event.id) is said to be known, and is not stored")
            }
        case .absorbed: break
        }
    }

    // MARK: The operator

    /// Has tried again what is stuck, now and then while things go wrong.
    func watchOver() async {
        while !world.isCalm {
            await world.time.wait(world.dice.milliseconds(1500...6000))
            await retryWhatIsStuck()
        }
    }

    /// Has tried again what is stuck, once.
    func retryWhatIsStuck() async {
        for row in world.store.rows where row.needsPerson {
            guard let state = try? SagaState(record: row), let daemon = site.daemon else {
                continue
            }
            for path in state.steps.keys.sorted() {
                let step = state.steps[path]
                guard step?.phase == .stuck || step?.compensation == .stuck else { continue }
                let action = OperatorAction(by: "operator", reason: "again")
                let input = Input.retry(path, body: nil, action)
                _ = try? await daemon.coordinator.operate(on: row.identity.id, input)
            }
        }
    }
}
