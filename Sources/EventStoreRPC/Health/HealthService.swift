import GRPCCore
import SagaCore
import SagaRuntime
import ServiceLifecycle
import SwiftProtobuf

/// The service `grpc.health.v1.Health`: every service here is as ready as the daemon is.
struct HealthService: Grpc_Health_V1_Health.ServiceProtocol {
    let rpc: EventStoreRPC

    /// What can be asked for; the empty name is the whole server.
    static let services: Set = [
        "", Eventstore_EventStore.descriptor.fullyQualifiedService,
        Grpc_Health_V1_Health.descriptor.fullyQualifiedService,
    ]

    func check(
        request: ServerRequest<Grpc_Health_V1_HealthCheckRequest>, context: ServerContext
    ) async throws -> ServerResponse<Grpc_Health_V1_HealthCheckResponse> {
        let service = request.message.service
        guard Self.services.contains(service) else {
            let known = Self.services.sorted().dropFirst().joined(separator: ", ")
            throw RPCError(
                code: .notFound,
                message: "service: expected nothing or one of \(known), found another name")
        }
        return ServerResponse(message: await answer(service))
    }

    func watch(
        request: ServerRequest<Grpc_Health_V1_HealthCheckRequest>, context: ServerContext
    ) async throws -> StreamingServerResponse<Grpc_Health_V1_HealthCheckResponse> {
        let service = request.message.service
        let deadline = rpc.deadline(of: request.metadata)
        return StreamingServerResponse { [rpc] writer in
            try await rpc.streams.sit(orThrow: rpc.tooManyStreams) {
                try await rpc.untilLeft(context, deadline: deadline) {
                    try await report(service, into: writer)
                }
            }
            return [:]
        }
    }

    private func report(
        _ service: String, into writer: RPCWriter<Grpc_Health_V1_HealthCheckResponse>
    ) async throws {
        var told: Grpc_Health_V1_HealthCheckResponse?
        while true {
            let answer = await answer(service)
            if answer != told { try await writer.write(answer) }
            told = answer
            try await rpc.clock.sleep(until: rpc.clock.now() + rpc.limits.healthPoll)
        }
    }

    private func answer(_ service: String) async -> Grpc_Health_V1_HealthCheckResponse {
        guard Self.services.contains(service) else { return .with { $0.status = .serviceUnknown } }
        let isServing = await rpc.readiness.now() && !Task.isShuttingDownGracefully
        return .with { $0.status = isServing ? .serving : .notServing }
    }
}
