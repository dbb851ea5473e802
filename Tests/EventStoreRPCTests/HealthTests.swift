import GRPCCore
import SwiftProtobuf
import Testing

@testable import EventStoreRPC

/// `grpc.health.v1.Health`, asked over a real connection.
@Suite(.timeLimit(.minutes(5))) struct `The health service` {
    private static let limits = RPCLimits(
        healthPoll: .milliseconds(10), healthFreshness: .milliseconds(1))

    @Test(arguments: ["", "eventstore.EventStore", "grpc.health.v1.Health"])
    func `answers for each service as the daemon is`(service: String) async throws {
        try await Rig(limits: Self.limits).serve { rig, _ in
            try await rig.connect { client in
                let health = Rig.Health(wrapping: client)
                let answer = try await health.check(.with { $0.service = service })
                #expect(answer.status == .serving)
                rig.ready.value = false
                try await until {
                    let answer = try? await health.check(.with { $0.service = service })
                    return answer?.status == .notServing
                }
            }
        }
    }

    @Test func `knows no other service`() async throws {
        try await Rig().serve { rig, _ in
            try await rig.connect { client in
                let health = Rig.Health(wrapping: client)
                let found = await status { try await health.check(.with { $0.service = "x" }) }
                #expect(found?.code == .notFound)
                let told = try await health.watch(.with { $0.service = "x" }) { response in
                    try await response.messages.first { _ in true }?.status
                }
                #expect(told == .serviceUnknown)
            }
        }
    }

    @Test func `tells a watcher of each change, once`() async throws {
        try await Rig(limits: Self.limits).serve { rig, _ in
            try await rig.connect { client in
                try await Rig.Health(wrapping: client).watch(.init()) { response in
                    var answers = response.messages.makeAsyncIterator()
                    let first = try await answers.next()?.status
                    #expect(first == .serving)
                    rig.ready.value = false
                    let second = try await answers.next()?.status
                    #expect(second == .notServing)
                    rig.ready.value = true
                    let third = try await answers.next()?.status
                    #expect(third == .serving)
                }
            }
        }
    }
}
