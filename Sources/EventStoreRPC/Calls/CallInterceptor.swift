import GRPCCore

/// Times every call, and turns whatever goes wrong into a status.
struct CallInterceptor: ServerInterceptor {
    let rpc: EventStoreRPC

    func intercept<Input: Sendable, Output: Sendable>(
        request: StreamingServerRequest<Input>,
        context: ServerContext,
        next:
            @concurrent @Sendable (
                _ request: StreamingServerRequest<Input>, _ context: ServerContext
            ) async throws -> StreamingServerResponse<Output>
    ) async throws -> StreamingServerResponse<Output> {
        let began = ContinuousClock.now
        let method = context.descriptor
        do {
            let response = try await next(request, context)
            var contents = try response.accepted.get()
            let produce = contents.producer
            contents.producer = { [rpc] writer in
                do {
                    let trailers = try await produce(writer)
                    rpc.timers.record(began.duration(to: .now), method: method, status: "OK")
                    return trailers
                } catch {
                    throw rpc.ended(error, method, since: began)
                }
            }
            return StreamingServerResponse(accepted: .success(contents))
        } catch {
            throw rpc.ended(error, method, since: began)
        }
    }
}

extension EventStoreRPC {
    /// Records the end of a call that failed; answers its status.
    fileprivate func ended(
        _ error: any Error, _ method: MethodDescriptor, since began: ContinuousClock.Instant
    ) -> RPCError {
        let failure = failure(of: error, in: method)
        timers.record(began.duration(to: .now), method: method, status: failure.codeName)
        return failure
    }
}
