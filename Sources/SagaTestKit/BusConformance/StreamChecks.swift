import SagaCore
import SagaRuntime

extension BusConformance {
    static let streamChecks: [BusCheck] = [
        BusCheck("tells how a stream stands") { subject in
            let bus = subject.bus
            let empty = try required(try await bus.standing(of: "ORDERS"), "ORDERS")
            try expectEqual([empty.first, empty.last, empty.messages], [1, 0, 0], "at first")
            _ = await bus.publish((1...3).map { Sample.recorded("e-\($0)", version: $0) })
            let full = try required(try await bus.standing(of: "ORDERS"), "ORDERS")
            try expectEqual([full.first, full.last, full.messages], [1, 3, 3], "with three")
            try expectEqual(full.identity, empty.identity, "its identity")
            try expectEqual(full.limits, StreamStanding.Limits(), "its limits")
            try expectEqual(try await bus.standing(of: "NOTHING"), nil, "one that is not there")
        },
        BusCheck("tells the ids of the messages of a stream") { subject in
            let bus = subject.bus
            let names = ["o-\u{301}2 50% 🧾", " o 3 "] + (3...2500).map { "e-\($0)" }
            _ = await bus.publish(
                names.enumerated().map {
                    Sample.recorded($0.element, version: Int64($0.offset) + 1)
                })
            try expectEqual(try await bus.messageID(1, in: "ORDERS"), names[0], "the first")
            try expectEqual(try await bus.messageID(2, in: "ORDERS"), names[1], "the second")
            try expectEqual(try await bus.messageID(2501, in: "ORDERS"), nil, "one behind the end")
            try expectEqual(try await bus.messageID(1, in: "NOTHING"), nil, "one of no stream")
            for numbers in [UInt64(1)...2500, 2...2, 3...9, 2400...9999] {
                let found = try await bus.messageIDs(numbers, in: "ORDERS")
                let last = min(Int(numbers.upperBound), names.count)
                let expected = Array(names[(Int(numbers.lowerBound) - 1)..<last])
                try expectEqual(found, expected, "the messages \(numbers)")
            }
            try expectEqual(
                try await bus.messageIDs(2501...2600, in: "ORDERS"), [], "behind the end")
        },
        BusCheck("names the streams that it keeps") { subject in
            let streams = subject.bus.streams(of: ["ORDERS", "PARCELS"])
            try expectEqual(
                streams.filter { $0.content == .events }.map(\.name), ["ORDERS", "PARCELS"],
                "those of events")
            let commands = streams.filter { $0.content == .commands }
            try expectEqual(commands.count, 1, "those of commands")
            _ = await subject.bus.send([Sample.command(1)])
            let standing = try await subject.bus.standing(of: commands[0].name)
            try expectEqual(standing?.messages, 1, "the commands on it")
        },
    ]
}
