import SagaCore

extension ModelCheck.Result {
    /// What the check covered and found, for people.
    package func report(options: ModelCheck.Options, took: Duration) -> String {
        var text = "  explored \(states) states, \(transitions) transitions, depth \(depth)"
        text += " (\(Timeline.clock(took)))\n"
        text += bounds(options)
        for property in properties { text += line(property) }
        if hasHitLimit {
            text += "  ✗ the limit of \(options.limit) states was reached: what was not explored"
            text += " is not verified; raise --limit\n"
        }
        if !needOperator.isEmpty {
            text += "  may have to wait for an operator: \(needOperator.listed)\n"
        }
        if !debts.isEmpty {
            text +=
                "  late news may leave debt after the end, which is driven on: \(debts.listed)\n"
        }
        return text + storyText
    }

    private func bounds(_ options: ModelCheck.Options) -> String {
        let participants =
            options.isHostile
            ? "participants break their contract" : "participants keep their contract"
        let appended =
            appendsEvents
            ? "\n    events appended before their step is open, meanwhile, later, and again;" : ""
        return """
              bounds: \(participants); replies in any order, any number of times, or never;
                attempts collapsed to first and last, times to an order, results opaque;
                lists of 0, 1 and 2 elements; each condition true, false or failing;\(appended)
                what is stuck is answered late, tried again or settled as it is, a step tried
                again once; what is retried is answered in the end; at most \(options.limit) states

            """
    }

    private func line(_ property: Property) -> String {
        guard let example = counterexamples.first(where: { $0.property == property }) else {
            return hasHitLimit ? "  ? \(property.words)\n" : "  ✓ \(property.words)\n"
        }
        var text = "  ✗ \(property.words)\n"
        for subject in example.subjects { text += "      never: \(subject)\n" }
        guard !example.timeline.lines.isEmpty else { return text }
        text += "      shortest counterexample, \(example.depth) moves after the start:\n"
        let lines = example.timeline.text.split(separator: "\n")
        return text + lines.map { "    \($0)\n" }.joined()
    }

    private var storyText: String {
        guard !stories.isEmpty else { return "" }
        var text = ""
        for status in SagaStatus.allCases {
            let told = stories.filter { $0.status == status }.map(\.events)
            guard !told.isEmpty else { continue }
            let end = status == .stuck ? "stuck, until an operator acts" : status.rawValue
            text += "  \(end)\n"
            let sorted = told.sorted { ($0.count, $0.listed) < ($1.count, $1.listed) }
            for events in sorted {
                text += "    \(events.isEmpty ? "(no event)" : events.joined(separator: " → "))\n"
            }
        }
        return text
    }
}
