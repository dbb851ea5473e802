import SagaCore

extension FaultyBus {
    /// Takes replies from the bus below, and strikes them.
    func pump() async {
        while !Task.isCancelled {
            let deliveries = await inner.nextReplies()
            if deliveries.isEmpty { break }
            for delivery in await passing(deliveries) where await !replies.put(delivery) { return }
        }
        replies.close()
    }

    /// The deliveries that no rule strikes; a second delivery is never struck.
    private func passing(_ deliveries: [ReplyDelivery]) async -> [ReplyDelivery] {
        let entries = board.rules(at: .reply)
        if entries.isEmpty { return deliveries }
        let targets = await aim.targets(deliveries.filter { $0.deliveryCount == 1 }.addresses)
        var passing: [ReplyDelivery] = []
        for delivery in deliveries {
            guard delivery.deliveryCount == 1, let target = delivery.target(among: targets),
                let rule = await board.strike(target, by: entries)
            else {
                passing.append(delivery)
                continue
            }
            switch rule.fault {
            case .loseReply: await inner.acknowledge([delivery])
            case .lateReply(let wait): await inner.postpone([delivery], for: wait)
            case .outcome, .error, .timeout, .duplicate, .delay, .reorder, .crash, .store, .bus:
                preconditionFailure("Only a rule about replies strikes a reply.")
            }
        }
        return passing
    }

    /// The next replies, made ones among them.
    package func nextReplies() async -> [ReplyDelivery] {
        await withTaskCancellationHandler {
            await replies.take(limit: FaultLimits.replies)
        } onCancel: {
            replies.close()
        }
    }

    /// Acknowledges deliveries, unless the process ends before.
    package func acknowledge(_ deliveries: [ReplyDelivery]) async {
        let entries = board.rules(at: .acknowledgement)
        if !entries.isEmpty {
            let targets = await aim.targets(deliveries.addresses)
            for delivery in deliveries {
                guard let target = delivery.target(among: targets) else { continue }
                if await board.strike(target, by: entries) != nil { crash() }
            }
        }
        let given = deliveries.filter { !$0.isMade }
        if !given.isEmpty { await inner.acknowledge(given) }
    }

    /// Has deliveries come again; made ones, too.
    package func postpone(_ deliveries: [ReplyDelivery], for wait: Duration) async {
        for delivery in deliveries where delivery.isMade {
            _ = hold(.reply(delivery), for: wait)
        }
        let given = deliveries.filter { !$0.isMade }
        if !given.isEmpty { await inner.postpone(given, for: wait) }
    }

    /// Buries a delivery; a made one is forgotten, as no participant gave it.
    package func deadLetter(_ delivery: ReplyDelivery, reason: DeadLetterReason) async -> Bool {
        delivery.isMade ? true : await inner.deadLetter(delivery, reason: reason)
    }
}

extension ReplyDelivery {
    /// Whether a rule made it, and no participant.
    fileprivate var isMade: Bool { token.hasPrefix(FaultyBus.madePrefix) }

    fileprivate func target(among targets: [CommandID: FaultTarget]) -> FaultTarget? {
        guard case .success(let addressed) = content else { return nil }
        var target = targets[addressed.reply.commandID]
        target?.attempt = addressed.reply.attempt
        return target
    }
}

extension [ReplyDelivery] {
    /// The sagas and commands of those that can be read.
    fileprivate var addresses: [(saga: SagaID, command: CommandID)] {
        compactMap { delivery in
            guard case .success(let addressed) = delivery.content else { return nil }
            return (addressed.sagaID, addressed.reply.commandID)
        }
    }
}
