import SagaCore
import SagaRuntime
import Testing

@Suite struct `A source of identities` {
    private let now = Instant(microseconds: 1_790_000_000_000_000)

    @Test(arguments: [RandomSource(), RandomSource(seed: 7)])
    func `gives the same front to sixty-four in a row`(source: RandomSource) {
        for _ in 0..<4 {
            let row = (0..<64).map { _ in source.identity(at: now) }
            #expect(Set(row.map { $0.high >> 16 }).count == 1)
            #expect(Set(row).count == row.count)
        }
    }

    @Test func `spreads the rows over all sixteen places`() {
        let source = RandomSource(seed: 7)
        let places = (0..<64 * 128).map { _ in source.identity(at: now).high >> 60 }
        #expect(Set(places) == Set(0..<16))
    }

    @Test func `puts the time behind the place`() {
        let id = RandomSource().identity(at: now)
        #expect(id.high >> 16 & 0xFFF_FFFF_FFFF == 1_790_000_000_000)
    }
}
