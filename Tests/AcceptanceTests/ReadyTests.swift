import LoadClient
import Testing

/// What a daemon does once it is ready.
@Suite(.timeLimit(.minutes(5))) struct `A daemon that is ready` {
    @Test func `tells how many streams it has still to compare, and compares them`() async throws {
        try await Site.run("compares") { site in
            let daemon = try site.dev()
            try await daemon.startReady(within: Site.patience)
            let gauge = "\nsagad_streams_uncompared "
            let first = try await Caller(port: daemon.port).call(.get("/metrics"))
            #expect(String(decoding: first.body, as: UTF8.self).contains(gauge))
            let reader = SagaReader(port: daemon.port)
            try await eventually(within: Site.patience, "all streams are compared") {
                try await reader.metric("sagad_streams_uncompared") == 0
            }
            #expect(await daemon.stop() == .status(0))
        }
    }

    @Test func `hands back the memory that only its start needed`() async throws {
        try await Site.run("hands-back") { site in
            let daemon = try site.dev()
            try await daemon.startReady(within: Site.patience)
            try await eventually(within: Site.patience, "it holds less than at its start") {
                guard let pid = await daemon.pid, let figures = ProcessFigures.of(pid)
                else { return false }
                return figures.residentBytes < figures.peakBytes * 3 / 4
            }
            #expect(await daemon.stop() == .status(0))
        }
    }
}
