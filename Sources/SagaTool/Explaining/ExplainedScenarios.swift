import SagaCheck
import SagaLanguage

// What a scenario file must keep.
extension Explanation {
    static let scenarios = [
        Explanation(
            .unknownOutcome, "A scenario gives, or awaits, an outcome that the step does not have.",
            why: "The daemon would put such a reply aside; the scenario would test nothing.",
            wrong: .scenario(
                "- name: paid\n  input: {amount: 5}\n  given: {payment: debitted}"),
            right: .scenario(
                "- name: paid\n  input: {amount: 5}\n  given: {payment: debited}")),
        Explanation(
            .unknownEvent, "A scenario names an event that its saga never raises.",
            why: "An event that is misspelt would be missed for the wrong reason.",
            wrong: .scenario(
                "- name: paid\n  input: {amount: 5}\n  expect: {data: {paid: {status: Paid}}}"),
            right: .scenario("- name: paid\n  input: {amount: 5}\n  expect: {events: []}")),
        Explanation(
            .unknownSubject, "A scenario counts a command that its saga never sends.",
            why: "A count under a misspelt subject is always nought.",
            wrong: .scenario(
                "- name: paid\n  input: {amount: 5}\n  expect: {commands: {payments.debt: 1}}"),
            right: .scenario(
                "- name: paid\n  input: {amount: 5}\n  expect: {commands: {payments.debit: 1}}")),
        Explanation(
            .invalidInput, "A scenario's input breaks the saga's schema.",
            why: "Such a start is refused, so the scenario would never run.",
            wrong: .scenario("- name: paid\n  input: {sum: 5}"),
            right: .scenario("- name: paid\n  input: {amount: 5}")),
    ]
}
