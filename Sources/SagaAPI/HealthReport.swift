package import SagaRuntime

/// Whether this daemon can take work, and what each thing it needs says.
package struct HealthReport: Equatable, Sendable {
    /// What was asked, in the order in which it is shown.
    package var checks: [Check]
    /// How the views stand; nil while nothing is known of them. The daemon takes work whatever they
    /// do.
    package var views: ViewsStatus?

    /// One thing that the daemon needs.
    package struct Check: Equatable, Sendable {
        /// Its name: `database`, `nats`.
        package var name: String
        /// Whether it answers.
        package var isUp: Bool
        /// What an operator should know: the server's answer, or why there is none.
        package var detail: String

        /// The check of that name.
        package init(name: String, isUp: Bool, detail: String) {
            self.name = name
            self.isUp = isUp
            self.detail = detail
        }
    }

    /// The report of these checks.
    package init(checks: [Check]) { self.checks = checks }

    /// The report on the two things that every daemon needs.
    package init(database: Check, nats: Check, views: ViewsStatus? = nil) {
        checks = [database, nats]
        self.views = views
    }

    /// Whether everything answers.
    package var isReady: Bool { checks.allSatisfy(\.isUp) }
}
