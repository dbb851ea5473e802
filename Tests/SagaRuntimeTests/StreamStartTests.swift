import SagaTestKit
import Testing

@testable import SagaRuntime

@Suite struct `A daemon that starts` {
    @Test func `finds that the end of a stream was lost`() async throws {
        let yard = try await Yard()
        var daemon = yard.daemon()
        try await yard.publish(20)
        await daemon.mark()
        yard.bus.loseTail(of: "ORDERS", behind: 15)
        var next = yard.daemon()
        await next.look()
        #expect(try await yard.isWhole())
        #expect(yard.lines.all.count == 1)
    }

    @Test func `finds what a daemon published that crashed together with the broker`()
        async throws
    {
        let yard = try await Yard()
        var daemon = yard.daemon()
        try await yard.publish(20)
        await daemon.mark()
        try await yard.publish(6)
        yard.bus.loseTail(of: "ORDERS", behind: 22)
        var next = yard.daemon()
        await next.look()
        #expect(try await yard.isWhole())
        #expect(yard.lines.all.count == 1)
        #expect(yard.lines.all.first?.contains("events=4") == true)
    }

    @Test func `finds what was lost where the newest one lies under its number again`()
        async throws
    {
        let yard = try await Yard()
        var daemon = yard.daemon()
        try await yard.publish(10)
        await daemon.mark()
        // Of the last one nobody has noted that it is published.
        try await yard.publish(2)
        let last = try await yard.append(1)
        _ = await yard.bus.publish(last)
        var next = yard.daemon()
        await next.look()
        yard.bus.loseTail(of: "ORDERS", behind: 10)
        _ = await yard.bus.publish(try await yard.append(2) + last)
        #expect(yard.published.count == 13, "it stands as it did")
        var third = yard.daemon()
        await third.look()
        #expect(try await yard.isWhole())
    }
}
