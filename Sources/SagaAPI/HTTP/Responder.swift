import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import SagaCore
import SagaRuntime

/// What the server makes for each request.
struct RequestContext: InitializableFromSource {
    /// The connection, for answers that go on.
    let channel: any Channel

    init(source: ApplicationRequestContextSource) { channel = source.channel }
}

/// Answers requests: finds the route, and turns whatever goes wrong into a problem document.
struct Responder: HTTPResponder {
    let api: SagaAPI

    @concurrent
    func respond(to request: Request, context: RequestContext) async throws -> Response {
        let began = ContinuousClock.now
        var template = "none"
        var response: Response
        do {
            let target = try RequestTarget(request.head.path ?? "/")
            guard let resource = Resource(target, in: api.door.catalog) else {
                throw Problem(
                    .unknownRoute, "nothing is at '\(target.path)': GET / lists the routes")
            }
            template = resource.template
            response = try await api.answer(
                resource, to: request, at: target, over: context.channel)
        } catch let broken as BrokenBody {
            throw broken.cause
        } catch {
            response = api.problem(of: error, at: template).response
        }
        if request.method == .head { response = response.createHeadResponse() }
        api.timers.record(
            began.duration(to: .now), route: template, method: request.method,
            status: response.status.code)
        return response
    }
}

// None of these is inlined: a request would hold room for what all routes need, 8 KiB, for as long
// as it waits.
extension SagaAPI {
    @inline(never)
    fileprivate func answer(
        _ resource: Resource, to request: Request, at target: RequestTarget,
        over channel: any Channel
    ) async throws -> Response {
        switch request.method {
        case .get, .head:
            guard resource.isReadable else { throw methodNotAllowed(request.method, resource) }
            switch resource {
            case .watch: return try await watch(target, over: channel)
            case .sagaWatch(let id): return try await watch(id, request, target, over: channel)
            case .index, .liveness, .readiness, .metrics, .definitions, .definition, .graph,
                .sagas, .bulk, .saga, .input, .journal, .events, .plan, .action, .outcome, .tasks,
                .debt, .deadLetters, .deadLetterRetry, .cluster, .faults, .fault, .intake,
                .document:
                return try await read(resource, request, target)
            }
        case .post:
            guard resource.takesPosts else { throw methodNotAllowed(request.method, resource) }
            return try await post(to: resource, request, target)
        case .delete:
            guard case .fault(let name) = resource else {
                throw methodNotAllowed(request.method, resource)
            }
            return try await removeFault(name)
        default: throw methodNotAllowed(request.method, resource)
        }
    }

    @inline(never)
    private func read(
        _ resource: Resource, _ request: Request, _ target: RequestTarget
    ) async throws -> Response {
        switch resource {
        case .index: index()
        case .liveness: Answer.bytes(Array(#"{"status":"alive"}"#.utf8))
        case .readiness: await readiness()
        case .metrics: Answer.bytes(Array(metrics().utf8), fields: Answer.metricsFields)
        case .definitions: definitions()
        case .definition(let name): try await definition(name)
        case .graph(let name): try await graph(name, request, target)
        case .sagas: try await sagas(target)
        case .saga(let id): try await saga(id)
        case .input(let id): try await input(id)
        case .journal(let id): try await journal(id, target)
        case .events(let id): try await events(id, target)
        case .plan(let id): try await plan(id)
        case .document(let entry, let key):
            try await document(entry, key: key, request, target)
        case .intake(let entry): try await documents(entry, target)
        case .tasks: try await tasks(target)
        case .debt: try await debt(target)
        case .deadLetters: try await deadLetters(target)
        case .cluster: try await cluster()
        case .faults: try await listFaults()
        case .action, .outcome, .bulk, .deadLetterRetry, .watch, .sagaWatch, .fault:
            throw methodNotAllowed(request.method, resource)
        }
    }

    @inline(never)
    private func post(
        to resource: Resource, _ request: Request, _ target: RequestTarget
    ) async throws -> Response {
        switch resource {
        case .saga(let name): try await start(name, request, target)
        case .action(let id, let verb): try await act(verb, on: id, request)
        case .outcome(let id, let path): try await report(on: id, path, request)
        case .intake(let entry): try await accept(entry, request)
        case .bulk: try await actOnMany(request)
        case .deadLetterRetry(let id): try await retry(deadLetter: id)
        case .faults: try await setFault(request)
        case .index, .liveness, .readiness, .metrics, .definitions, .definition, .graph, .sagas,
            .watch, .sagaWatch, .input, .journal, .events, .plan, .document, .tasks, .debt,
            .deadLetters, .cluster, .fault:
            throw methodNotAllowed(request.method, resource)
        }
    }

    private func methodNotAllowed(_ method: HTTPRequest.Method, _ resource: Resource) -> Problem {
        var detail =
            "\(method.rawValue) is not for \(resource.template): it takes \(resource.allow)"
        if case .intake(let entry) = resource, method == .get || method == .head {
            detail += "; one document is at \(entry.intakePath)/{key}"
        }
        var problem = Problem(.methodNotAllowed, detail)
        problem.allow = resource.allow
        return problem
    }

    /// The problem that an error is for the caller; what is unexpected is logged, and told by its
    /// id alone.
    fileprivate func problem(of error: any Error, at template: String) -> Problem {
        switch error {
        case let problem as Problem: return problem
        case let problem as StartProblem: return Problem(problem)
        case let problem as OperatorProblem: return Problem(problem)
        case let error as StoreError:
            if let problem = Problem(error) { return problem }
        case let error as BusError:
            if let problem = Problem(error) { return problem }
        case is CancellationError: return .unavailable(.seconds(1))
        default: break
        }
        let id = UniqueID(randomBits: .random(in: .min ... .max), .random(in: .min ... .max))
        logger.error(
            "a request failed",
            metadata: ["id": "\(id)", "route": "\(template)", "error": "\(error)"])
        return .unexpected(id: id)
    }
}
