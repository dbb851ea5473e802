import SagaCore
import SagaTool

/// Why a server did not do what it was asked.
enum ServerProblem: Error {
    /// It does not answer: where it should be, and what went wrong.
    case unreachable(String, String)
    /// It refused: the status and the problem document (RFC 9457).
    case refused(status: Int, Value)
    /// What was asked for is not there; what to do.
    case notFound(String)
    /// Its answer cannot be read.
    case unreadable(String)

    /// How a command ends on it.
    var status: ExitStatus {
        switch self {
        case .unreachable: .unreachable
        case .refused, .notFound, .unreadable: .findings
        }
    }

    /// What happened and what to do, in lines.
    var message: String {
        switch self {
        case .unreachable(let address, let why):
            "Error: \(address) does not answer: \(why)\n"
                + "  start a daemon (`sagad dev`), or name another with --server or SAGACTL_SERVER"
        case .refused(let status, let document): Self.message(status, document)
        case .notFound(let what): "Error: \(what)"
        case .unreadable(let what): "Error: \(what)"
        }
    }

    private static func message(_ status: Int, _ document: Value) -> String {
        let title = document["title"]?.text ?? "the server answered with the status \(status)"
        let errors = document["errors"]?.elements ?? []
        var message = "Error: \(title)"
        if errors.isEmpty {
            message += document["detail"]?.text.map { ": \($0)" } ?? ""
        }
        for error in errors {
            let pointer = error["pointer"]?.text ?? ""
            message += "\n  \(pointer.isEmpty ? "the body" : pointer): "
            message += error["message"]?.text ?? "is wrong"
        }
        if let id = document["saga_id"]?.text { message += "\n  it is saga \(id)" }
        if let instance = document["instance"]?.text {
            message += "\n  the daemon's log has it under \(instance)"
        }
        return message
    }
}
