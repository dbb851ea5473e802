import SagaCore
import SagaRuntime

/// What a path names.
enum Resource {
    /// The list of routes.
    case index
    /// Whether the process lives.
    case liveness
    /// Whether it can take work.
    case readiness
    /// The metrics.
    case metrics
    /// The definitions that are loaded.
    case definitions
    /// One definition by its name.
    case definition(String)
    /// The drawing of a definition.
    case graph(String)
    /// The list of sagas.
    case sagas
    /// The same action on many sagas.
    case bulk
    /// The changes of many sagas.
    case watch
    /// The changes of one saga.
    case sagaWatch(String)
    /// One saga by its id (read), or a definition's name (start).
    case saga(String)
    /// A saga's document.
    case input(String)
    /// A saga's journal.
    case journal(String)
    /// What would run if a saga were cancelled.
    case plan(String)
    /// A saga's domain events.
    case events(String)
    /// An operator's action on a saga.
    case action(String, OperatorVerb)
    /// The outcome of a step, by the saga's id and the step's path.
    case outcome(String, NodePath)
    /// The open questions.
    case tasks
    /// What sagas owe.
    case debt
    /// What could not be used.
    case deadLetters
    /// Sending one of it back.
    case deadLetterRetry(String)
    /// The daemons at work.
    case cluster
    /// The rules of provoked failures.
    case faults
    /// One of them by its name.
    case fault(String)
    /// A definition's intake.
    case intake(Catalog.Entry)
    /// The document of a key of such a definition.
    case document(Catalog.Entry, key: String)

    /// What the path names, or nil; the daemon's own paths come before the definitions'.
    init?(_ target: RequestTarget, in catalog: Catalog) {
        let segments = target.segments
        switch segments.count {
        case 1: self.init(single: segments[0])
        case 2 where segments == ["api", "definitions"]: self = .definitions
        case 2 where segments == ["api", "sagas"]: self = .sagas
        case 2 where segments == ["api", "sagas:bulk"]: self = .bulk
        case 2 where segments == ["api", "watch"]: self = .watch
        case 2 where segments == ["api", "tasks"]: self = .tasks
        case 2 where segments == ["api", "debt"]: self = .debt
        case 2 where segments == ["api", "dead-letters"]: self = .deadLetters
        case 2 where segments == ["api", "cluster"]: self = .cluster
        case 2 where segments == ["api", "faults"]: self = .faults
        case 3 where segments[0] == "api" && segments[1] == "faults" && !segments[2].isEmpty:
            self = .fault(segments[2])
        case 4
        where segments[0] == "api" && segments[1] == "dead-letters" && segments[3] == "retry":
            self = .deadLetterRetry(segments[2])
        case 3 where segments[0] == "api" && segments[1] == "definitions" && !segments[2].isEmpty:
            self = .definition(segments[2])
        case 4
        where segments[0] == "api" && segments[1] == "definitions" && segments[3] == "graph":
            self = .graph(segments[2])
        case 6
        where segments[0] == "api" && segments[1] == "sagas" && segments[3] == "steps"
            && segments[5] == "outcome" && !segments[4].isEmpty:
            self = .outcome(segments[2], segments[4])
        case 3 where segments[0] == "api" && segments[1] == "sagas" && !segments[2].isEmpty:
            self = .saga(segments[2])
        case 4 where segments[0] == "api" && segments[1] == "sagas":
            self.init(id: segments[2], part: segments[3])
        default: self.init(taken: target, in: catalog)
        }
    }

    private init?(single segment: String) {
        switch segment {
        case "": self = .index
        case "healthz": self = .liveness
        case "readyz": self = .readiness
        case "metrics": self = .metrics
        default: return nil
        }
    }

    private init?(id: String, part: String) {
        switch part {
        case "input": self = .input(id)
        case "journal": self = .journal(id)
        case "events": self = .events(id)
        case "compensation-plan": self = .plan(id)
        case "watch": self = .sagaWatch(id)
        default:
            guard let verb = OperatorVerb(rawValue: part) else { return nil }
            self = .action(id, verb)
        }
    }

    private init?(taken target: RequestTarget, in catalog: Catalog) {
        let count = target.segments.count
        if let path = target.prefix(count), let entry = catalog.intake(path: path) {
            self = .intake(entry)
            return
        }
        guard let key = target.segments.last, !key.isEmpty, let path = target.prefix(count - 1),
            let entry = catalog.intake(path: path)
        else { return nil }
        self = .document(entry, key: key)
    }
}

extension Resource {
    /// The path with what varies in braces, for metrics.
    var template: String {
        switch self {
        case .index: "/"
        case .liveness: "/healthz"
        case .readiness: "/readyz"
        case .metrics: "/metrics"
        case .definitions: "/api/definitions"
        case .definition: "/api/definitions/{name}"
        case .graph: "/api/definitions/{name}/graph"
        case .sagas: "/api/sagas"
        case .bulk: "/api/sagas:bulk"
        case .watch: "/api/watch"
        case .sagaWatch: "/api/sagas/{id}/watch"
        case .saga: "/api/sagas/{id}"
        case .input: "/api/sagas/{id}/input"
        case .journal: "/api/sagas/{id}/journal"
        case .events: "/api/sagas/{id}/events"
        case .plan: "/api/sagas/{id}/compensation-plan"
        case .action(_, let verb): "/api/sagas/{id}/\(verb.rawValue)"
        case .outcome: "/api/sagas/{id}/steps/{path}/outcome"
        case .tasks: "/api/tasks"
        case .debt: "/api/debt"
        case .deadLetters: "/api/dead-letters"
        case .deadLetterRetry: "/api/dead-letters/{id}/retry"
        case .cluster: "/api/cluster"
        case .faults: "/api/faults"
        case .fault: "/api/faults/{name}"
        case .intake(let entry): entry.intakePath
        case .document(let entry, _): entry.intakePath + "/{key}"
        }
    }

    /// Whether it can be read with GET and HEAD.
    var isReadable: Bool {
        switch self {
        case .index, .liveness, .readiness, .metrics, .definitions, .definition, .graph, .sagas,
            .watch, .sagaWatch, .saga, .input, .journal, .events, .plan, .document, .tasks, .debt,
            .deadLetters, .cluster, .faults:
            true
        // What a list is made of are the events of aggregates.
        case .intake(let entry): entry.definition.aggregate != nil
        case .action, .outcome, .bulk, .deadLetterRetry, .fault: false
        }
    }

    /// Whether it takes POST.
    var takesPosts: Bool {
        switch self {
        case .saga, .action, .intake, .outcome, .bulk, .deadLetterRetry, .faults: true
        case .index, .liveness, .readiness, .metrics, .definitions, .definition, .graph, .sagas,
            .watch, .sagaWatch, .input, .journal, .events, .plan, .document, .tasks, .debt,
            .deadLetters, .cluster, .fault:
            false
        }
    }

    /// The methods that it takes, as the header `Allow` has them.
    var allow: String {
        if case .fault = self { return "DELETE" }
        return switch (isReadable, takesPosts) {
        case (true, true): "GET, HEAD, POST"
        case (true, false): "GET, HEAD"
        case (false, _): "POST"
        }
    }
}

extension Catalog.Entry {
    /// The definition's intake path; empty where it has none.
    var intakePath: String { definition.intake?.path ?? "" }
}
