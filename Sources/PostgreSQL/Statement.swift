/// A named SQL statement with declared parameter types, prepared once per connection when first used.
package struct Statement: Sendable {
    /// The longest name in bytes: the server cuts off at 63, and a replaced one gets a number.
    package static let longestName = 50

    /// The name on the server and in errors; one name stands for one text, everywhere.
    package let name: String
    /// The types of `$1`, `$2`, … in order, exactly as the parameters are appended.
    package let parameters: [ParameterType]
    /// The text: one statement, each placeholder cast at each use.
    package let sql: String

    /// Declares a statement; nothing is sent yet.
    ///
    /// The name has 1 to `longestName` bytes.
    package init(name: String, parameters: [ParameterType] = [], sql: String) {
        guard (1...Self.longestName).contains(name.utf8.count) else {
            preconditionFailure("the name of a statement has 1 to \(Self.longestName) bytes")
        }
        self.name = name
        self.parameters = parameters
        self.sql = sql
    }

    /// Says in a sentence how given parameters differ from the declared ones; nil when they fit.
    func mismatch(with given: Parameters) -> String? {
        guard given.count == parameters.count else {
            return "the statement declares \(parameters.count) parameters and was given "
                + "\(given.count): append exactly the declared ones"
        }
        for (index, declared) in parameters.enumerated() where given.type(at: index) != declared {
            return "parameter $\(index + 1) is declared as \(declared.sqlName) and was given as "
                + "\(given.type(at: index).sqlName): append the declared type"
        }
        return nil
    }
}
