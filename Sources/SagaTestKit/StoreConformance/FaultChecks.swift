import SagaCore
package import SagaRuntime

extension StoreConformance {
    static let faultChecks: [StoreCheck] = [
        StoreCheck("keeps rules of failures by name, the last one of each") { store in
            try expectEqual(try await store.faults(), [], "before any was set")
            let lost = Sample.fault("lost", times: 3)
            var late = Sample.fault("late")
            late.rule = #"{"é": "🧾"}"#
            try await store.put(lost)
            try await store.put(late)
            try expectEqual(try await store.faults(), [late, lost], "two, by name")
            let again = Sample.fault("lost", setAt: 5)
            try await store.put(again)
            try expectEqual(try await store.faults(), [late, again], "set again")
            try expectEqual(try await store.removeFault("late"), true, "one that is there")
            try expectEqual(try await store.removeFault("late"), false, "one that is gone")
            try expectEqual(try await store.faults(), [again], "after one was removed")
        },
        StoreCheck("forgets rules that were over a day before another is set") { store in
            try await store.put(Sample.fault("old", setAt: 0, lasting: 10))
            try await store.put(Sample.fault("new", setAt: 86_409))
            try expectEqual(try await store.faults().count, 2, "within the day")
            try await store.put(Sample.fault("new", setAt: 86_411))
            try expectEqual(
                try await store.faults().map(\.generation.name), ["new"], "after the day")
        },
        StoreCheck("counts what a rule strikes, and shows it behind the saga's version") { store in
            let rule = Sample.fault("lost", times: 2)
            try await store.put(rule)
            let before = Sample.strike(1, on: 1, at: 1)
            try expectEqual(
                try await store.record(before, of: rule.generation), true, "before the start")
            try await store.expectStarted([Sample.start(1)])
            try await store.expectCommitted([Sample.transition(1, expecting: 1)])
            let after = Sample.strike(2, on: 1, at: 2)
            try expectEqual(
                try await store.record(after, of: rule.generation), true, "after two transitions")
            try expectEqual(
                try await store.record(Sample.strike(3, on: 1, at: 3), of: rule.generation), false,
                "once too often")
            try expectEqual(try await store.faults().map(\.struck), [2], "the count")
            let found = try await store.faultStrikes(on: Sample.sagaID(1))
            var expected = [before, after]
            expected[1].sagaVersion = 2
            try expectEqual(found, expected, "what struck")
            try expectEqual(
                try await store.faultStrikes(on: Sample.sagaID(2)), [], "another saga's")
        },
        StoreCheck("lets no rule strike that is over, gone, or was set anew") { store in
            let rule = Sample.fault("lost", lasting: 100)
            try await store.put(rule)
            let late = Sample.strike(1, on: 1, at: 100)
            try expectEqual(try await store.record(late, of: rule.generation), false, "over")
            try await store.put(Sample.fault("lost", setAt: 1))
            let strike = Sample.strike(2, on: 1, at: 2)
            try expectEqual(try await store.record(strike, of: rule.generation), false, "set anew")
            _ = try await store.removeFault("lost")
            try expectEqual(try await store.record(strike, of: rule.generation), false, "gone")
            try expectEqual(try await store.faultStrikes(on: Sample.sagaID(1)), [], "nothing")
        },
        StoreCheck("lets a rule strike as often as it may when many ask at once") { store in
            let rule = Sample.fault("lost", times: 3)
            try await store.put(rule)
            let struck = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        try await store.record(
                            Sample.strike(number, on: number, at: 1), of: rule.generation)
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            try expectEqual(struck, 3, "the strikes of eight at once")
        },
        StoreCheck("remembers which rules a saga's start asked for, the first time") { store in
            let (one, two) = (Sample.sagaID(1), Sample.sagaID(2))
            try await store.assign(["lost", "late"], to: one, at: Sample.time(1))
            try await store.assign(["other"], to: one, at: Sample.time(2))
            try expectEqual(
                try await store.assignedFaults(of: [one, two]), [one: ["lost", "late"]],
                "those of two sagas")
        },
    ]
}

extension Sample {
    /// A rule of that name, set at that second.
    package static func fault(
        _ name: String, setAt: Int = 0, lasting: Int = 3600, times: Int? = nil
    ) -> StoredFault {
        StoredFault(
            generation: FaultGeneration(name: name, setAt: time(setAt)), rule: "{}",
            setBy: "anna", expiresAt: time(setAt + lasting), times: times)
    }

    /// A strike of that number on that sample saga.
    static func strike(_ number: Int, on saga: Int, at: Int) -> FaultStrike {
        FaultStrike(
            id: sagaID(5000 + number), sagaID: sagaID(saga), at: time(at), rule: "lost",
            detail: #"{"what":"timeout"}"#)
    }
}
