extension JetStream {
    /// Makes a consumer serve again whose pulls have that trouble.
    ///
    /// One that is silent is deleted first, where it exists: nats-server before 2.9.15 may leave a
    /// consumer mute that was created while its stream was being made, and creating it again then
    /// changes nothing. What was delivered and not acknowledged comes again.
    package func restore(
        _ configuration: ConsumerConfiguration, on stream: String,
        after trouble: PullConsumer.Trouble
    ) async throws(NATSFailure) {
        switch trouble {
        case .silent: try await deleteConsumer(configuration.durable, on: stream)
        case .unavailable, .consumerDeleted, .refused: break
        }
        try await createConsumer(configuration, on: stream)
    }
}
