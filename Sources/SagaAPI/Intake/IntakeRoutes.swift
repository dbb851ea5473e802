import HTTPTypes
import Hummingbird
import Logging
import SagaCore
import SagaRuntime
import ServiceLifecycle

extension SagaAPI {
    /// `POST <intake path>`: starts a saga, and answers with its document once it is durable.
    func accept(_ entry: Catalog.Entry, _ request: Request) async throws -> Response {
        let idempotencyKey = try request.idempotencyKey()
        let body = try await request.json(limits: limits)
        _ = try body.members()
        let faults = try await faults(in: request, for: entry.definition)
        let started = try await door.start(
            StartRequest(
                definition: entry.definition.name, body: body.value,
                digest: SHA256.digest(of: body.bytes), idempotencyKey: idempotencyKey,
                faults: faults))
        var fields = Answer.jsonFields
        fields[.location] =
            "\(entry.intakePath)/\(PercentCoding.encoded(started.identity.key))"
        fields[.sagaID] = started.identity.id.description
        var document = started.document
        let wait = WaitPreference(request.headers[.prefer], limit: limits.wait)
        if let wait, let current = await outcome(after: wait, of: started, entry) {
            document = current
            fields[.preferenceApplied] = wait.applied
        }
        return Answer.bytes(document.jsonBytes, status: .created, fields: fields)
    }

    /// The document once the saga has ended, or as it is when the wait or the daemon ends.
    ///
    /// The saga is durable by now, so that a fault here only costs the wait: nil.
    private func outcome(
        after wait: WaitPreference, of started: StartedSaga, _ entry: Catalog.Entry
    ) async -> Value? {
        let id = started.identity.id
        let until = clock.now() + .seconds(wait.seconds)
        do {
            _ = try await cancelWhenGracefulShutdown { [door] in
                try await door.waitForEnd(of: id, until: until)
            }
        } catch {
            logger.debug(
                "a wait ended early", metadata: ["saga": "\(id)", "error": "\(error)"])
        }
        do {
            let folded = try await foldedDocument(of: entry.definition, key: started.identity.key)
            return folded?.value ?? started.document
        } catch {
            logger.debug(
                "no document after a wait", metadata: ["saga": "\(id)", "error": "\(error)"])
            return nil
        }
    }
}
