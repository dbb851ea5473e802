import Logging
import SagaCore
import SagaTestKit
import Testing

@testable import SagaRuntime

@Suite struct `A leaseholder` {
    private let clock = ManualClock()
    private let store: InMemoryStore

    init() { store = InMemoryStore(clock: clock) }

    private static let all = Array(0..<StoreLimits.shards)

    private func holder(keepsViews: Bool = true) -> Leaseholder {
        Leaseholder(
            store: store, clock: clock, keepsViews: keepsViews,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test func `that is alone has all shards at once, and keeps them`() async {
        let holder = holder()
        #expect(holder.shards == [])
        #expect(await holder.round() == Self.all)
        for _ in 0..<20 {
            clock.advance(by: .seconds(1))
            #expect(holder.shards == Self.all)
            #expect(await holder.round() == [])
        }
        #expect(holder.isAlone)
        #expect(store.calls(of: .claim) == 11)
    }

    @Test func `shares with one that comes, and has all again when that one leaves`() async {
        let (first, second) = (holder(), holder())
        _ = await first.round()
        #expect(await second.round() == [])
        #expect(!second.isAlone)
        clock.advance(by: .seconds(1))
        #expect(await first.round() == [])
        #expect(first.shards == Array(0..<8))
        #expect(await second.round() == Array(8..<16))
        // It looks once more, and so knows that it is not a crash when these leases are gone early.
        #expect(await first.round() == [])
        await second.leave()
        #expect(second.shards == [])
        #expect(await first.round() == Array(8..<16))
        #expect(first.shards == Self.all)
    }

    @Test func `takes what one held that crashed when its leases have ended, not before`() async {
        let (first, second) = (holder(), holder())
        _ = await first.round()
        _ = await second.round()
        for _ in 0..<5 {
            clock.advance(by: .seconds(1))
            #expect(await second.round() == [])
        }
        clock.advance(by: .seconds(1))
        #expect(await second.round() == Self.all)
        #expect(first.shards == [])
    }

    @Test func `looks after its own shards, too, where another one crashed`() async {
        let (first, second, third) = (holder(), holder(), holder())
        for _ in 0..<5 {
            clock.advance(by: .milliseconds(500))
            for holder in [first, second, third] { _ = await holder.round() }
        }
        #expect([first, second, third].allSatisfy { $0.shards.count >= 4 })
        // One leaves: who takes its shards has nothing to look for in those that were its own.
        let own = first.shards
        await third.leave()
        clock.advance(by: .seconds(1))
        let taken = await first.round()
        #expect(!taken.isEmpty && Set(taken).isDisjoint(with: own))
        _ = await second.round()
        // One crashes, and the answer is lost of the claim that would take its shards.
        for _ in 0..<5 {
            clock.advance(by: .seconds(1))
            #expect(await first.round() == [])
        }
        store.failNext(.claim, .lostAnswer)
        clock.advance(by: .seconds(1))
        #expect(await first.round() == [])
        clock.advance(by: .seconds(1))
        #expect(await first.round() == Self.all)
        #expect(await first.round() == [])
    }

    @Test func `that loses the database falls silent before its leases end`() async throws {
        let (holder, clock) = (holder(), clock)
        _ = await holder.round()
        store.setAway(true)
        clock.advance(by: .milliseconds(4999))
        #expect(await holder.round() == [])
        #expect(holder.shards == Self.all)
        clock.advance(by: .milliseconds(1))
        #expect(holder.shards == [])
        #expect(!holder.holds(0))
        #expect(!holder.isAlone)
        store.setAway(false)
        #expect(try await store.cluster().leases.count == 16)
        // Nobody else had them meanwhile: there is nothing to take over.
        #expect(await holder.round() == [])
        #expect(holder.shards == Self.all)
    }

    @Test func `that took shards without hearing so has them after the next round`() async {
        let holder = holder()
        store.failNext(.claim, .lostAnswer)
        #expect(await holder.round() == [])
        #expect(holder.shards == [])
        clock.advance(by: .seconds(1))
        #expect(await holder.round() == Self.all)
    }

    @Test func `looks for views that are behind where it is the first that keeps them`() async {
        let holders = [holder(), holder(), holder(keepsViews: false)]
        for holder in holders { _ = await holder.round() }
        for holder in holders {
            clock.advance(by: .milliseconds(1))
            _ = await holder.round()
        }
        let names = holders[..<2].map(\.name)
        #expect(holders.filter(\.sweepsViews).map(\.name).contains(names.min() ?? ""))
        #expect(!holders[..<2].filter(\.sweepsViews).map(\.name).contains(names.max() ?? ""))
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func `never has a shard that another one has, whatever fails`(seed: UInt64) async throws {
        var random = Dice(state: seed)
        var holders = [holder(), holder(), holder()]
        for _ in 0..<200 {
            clock.advance(by: .milliseconds(Int64(random.roll(1500))))
            let place = Int(random.roll(UInt64(holders.count)))
            switch random.roll(12) {
            case 0: store.failNext(.claim, .lostAnswer)
            case 1: store.failNext(.claim, .unavailable)
            case 2: store.failNext(.cluster, .unavailable)
            case 3: await holders[place].leave()
            // A crash, and another daemon in its place.
            case 4: holders[place] = holder()
            default: break
            }
            _ = await holders[place].round()
            let held = holders.flatMap(\.shards)
            #expect(Set(held).count == held.count, "seed \(seed)")
        }
        for _ in 0..<12 {
            clock.advance(by: .seconds(1))
            for holder in holders { _ = await holder.round() }
        }
        #expect(holders.flatMap(\.shards).sorted() == Self.all, "seed \(seed)")
        #expect(holders.allSatisfy { $0.shards.count <= 6 }, "seed \(seed)")
    }
}

/// Numbers that are the same for a seed.
private struct Dice {
    var state: UInt64

    mutating func roll(_ sides: UInt64) -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state >> 33) % sides
    }
}
