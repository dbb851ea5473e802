import SagaCore
import SagaRuntime

extension BusConformance {
    static let publishChecks: [BusCheck] = [
        BusCheck("prepares its streams again, and more of them") { subject in
            try await subject.bus.prepare(streams: ["ORDERS"])
            try await subject.bus.prepare(streams: ["ORDERS", "PARCELS"])
            let answers = await subject.bus.publish([
                Sample.recorded("e-1", stream: "PARCELS")
            ])
            try expectStored(answers, duplicates: [false])
        },
        BusCheck("says that it is connected") { subject in
            let health = await subject.bus.health()
            try expect(health.isConnected, "not connected: \(health.detail)")
        },
        BusCheck("brings commands to their subjects as the wire contract says") { subject in
            let body = CommandBody.value(.map(Members([("amount", .string("it's 1.0 🧾"))])))
            let commands = [
                Sample.command(1), Sample.command(2, subject: "review.ask", attempt: 3, body: body),
            ]
            let answers = await subject.bus.send(commands)
            try expectStored(answers, duplicates: [false, false])
            let taken = try await subject.takeCommands(2)
            try expectEqual(taken, commands.map { TakenCommand($0) }, "the commands")
        },
        BusCheck("keeps the order of many commands") { subject in
            let commands = (0..<600).map { Sample.command($0) }
            let answers = await subject.bus.send(commands)
            try expectStored(answers, duplicates: commands.map { _ in false })
            let numbers = receipts(answers).map(\.sequence)
            try expectEqual(numbers, numbers.sorted(), "the messages' numbers")
            try expectEqual(Set(numbers).count, 600, "the number of messages")
            let taken = try await subject.takeCommands(600).map(\.messageID)
            try expectEqual(taken, commands.map(\.messageID), "the commands")
        },
        BusCheck("recognises a command that it has already, but not its next sending") { subject in
            let first = Sample.command(1)
            let answers = await subject.bus.send([first, first])
            try expectStored(answers, duplicates: [false, true])
            try expectEqual(receipts(answers)[1], receipts(answers)[0], "the duplicate's receipt")
            let resent = Sample.command(1, resend: 1)
            let retried = Sample.command(1, attempt: 2)
            try expectStored(
                await subject.bus.send([resent, retried]), duplicates: [false, false])
            let taken = try await subject.takeCommands(4).map(\.messageID)
            try expectEqual(
                taken, [first.messageID, resent.messageID, retried.messageID], "the commands")
        },
        BusCheck("knows which commands lie in their stream, taken by nobody") { subject in
            let receipts = receipts(await subject.bus.send((1...3).map { Sample.command($0) }))
            let before = await subject.bus.areUnconsumed(receipts)
            try expectEqual(before, [true, true, true], "before anybody took them")
            _ = try await subject.takeCommands(2)
            let after = await subject.bus.areUnconsumed(receipts.reversed())
            try expectEqual(after, [true, false, false], "the last to first, after two were taken")
            let unknown = PublishReceipt(stream: receipts[0].stream, sequence: 1_000_000)
            try expectEqual(
                await subject.bus.areUnconsumed([unknown]), [false], "a message that never was")
        },
        BusCheck("publishes events in order, each once") { subject in
            let events = (0..<300).map { Sample.recorded("e-\($0)", version: Int64($0 + 1)) }
            try expectStored(
                await subject.bus.publish(events), duplicates: events.map { _ in false })
            try expectStored(
                await subject.bus.publish(Array(events.suffix(2))), duplicates: [true, true])
            let found = try await subject.eventIDs("ORDERS")
            try expectEqual(found, events.map(\.event.id), "the events")
        },
        BusCheck("says which events there is no stream for") { subject in
            let answers = await subject.bus.publish([
                Sample.recorded("e-1"), Sample.recorded("e-2", stream: "NOWHERE"),
                Sample.recorded("e-3"),
            ])
            guard answers.count == 3, case .refused(let reason) = answers[1], !reason.isEmpty else {
                throw Expectation("expected the second refused with a reason, found \(answers)")
            }
            let found = try await subject.eventIDs("ORDERS")
            try expectEqual(found, ["e-1", "e-3"], "the events beside it")
        },
        BusCheck("takes empty batches") { subject in
            try expectEqual(await subject.bus.send([]), [], "commands")
            try expectEqual(await subject.bus.publish([]), [], "events")
            try expectEqual(await subject.bus.areUnconsumed([]), [], "receipts")
            await subject.bus.acknowledge([])
            await subject.bus.postpone([], for: .seconds(1))
        },
    ]

    private static func receipts(_ answers: [PublishAnswer]) -> [PublishReceipt] {
        answers.compactMap { answer in
            guard case .stored(let receipt, _) = answer else { return nil }
            return receipt
        }
    }

    private static func expectStored(
        _ answers: [PublishAnswer], duplicates: [Bool], fileID: String = #fileID,
        line: Int = #line
    ) throws {
        let found = answers.map { answer -> Bool? in
            guard case .stored(_, let isDuplicate) = answer else { return nil }
            return isDuplicate
        }
        try expectEqual(
            found, duplicates, "which of the messages were stored already", fileID: fileID,
            line: line)
    }
}
