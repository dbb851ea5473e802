/// Why the daemon ends, and with which exit code.
struct Exit: Error, CustomStringConvertible {
    /// The exit codes of the wire contract.
    enum Code: Int32, Sendable {
        /// It failed while running.
        case failed = 1
        /// Wrong usage, configuration or definitions.
        case usage = 2
        /// A needed service refuses for good.
        case refused = 3
    }

    let code: Code
    let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
