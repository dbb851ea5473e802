import Logging
import NATS
import SagaRuntime
import Synchronization

/// What a broker loses or leaves behind, put right while the daemon runs.
extension JetStreamBus {
    /// Makes streams and consumers again that were lost, and sweeps out what a crash of the broker
    /// left behind; runs until the task is cancelled or the bus is closed.
    package func keepUp() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.mend() }
            group.addTask { await self.mendStreams() }
            group.addTask { await self.noteReconnects() }
            group.addTask { await self.sweep() }
        }
    }

    // MARK: Lost streams and consumers

    private func mend() async {
        guard let consumer = shelf.withLock({ $0.consumer }) else { return }
        for await trouble in consumer.troubles {
            logger.warning("cannot pull replies", metadata: ["trouble": "\(trouble)"])
            var wait = limits.mendWait
            while !Task.isCancelled, await !mend(consumer, after: trouble) {
                guard (try? await Task.sleep(for: wait)) != nil else { return }
                wait = min(wait * 2, limits.mendWait * 8)
            }
        }
    }

    private func mend(_ consumer: PullConsumer, after trouble: PullConsumer.Trouble) async -> Bool {
        // Without a connection there is nothing to mend; pulling begins again with the next one.
        guard connection.isConnected else { return true }
        do throws(NATSFailure) {
            try await remakeStreams()
            try await jetStream.restore(
                consumerConfiguration, on: StreamPlan.replies, after: trouble)
            consumer.pullAgain()
            return true
        } catch {
            logger.warning(
                "cannot make the consumer of replies again", metadata: ["problem": "\(error)"])
            return false
        }
    }

    /// Makes streams again as soon as a publish finds none.
    private func mendStreams() async {
        for await _ in missing.stream {
            await makeStreams()
            guard (try? await Task.sleep(for: limits.mendWait)) != nil else { return }
        }
    }

    private func makeStreams() async {
        guard connection.isConnected else { return }
        do throws(NATSFailure) {
            try await remakeStreams()
        } catch {
            logger.warning("cannot make the streams again", metadata: ["problem": "\(error)"])
        }
    }

    // MARK: What nobody tells

    /// Looks for what was lost, or stands still, without anybody saying so.
    private func look(since earlier: ConsumerDescription?) async -> ConsumerDescription? {
        await makeStreams()
        guard connection.isConnected, let consumer = shelf.withLock({ $0.consumer }),
            let found = try? await jetStream.consumer(Self.consumer, on: StreamPlan.replies)
        else { return nil }
        guard found.isMute, let earlier, found.standsWhere(earlier) else { return found }
        await dropReplies(ifUnreadableFrom: found.acknowledgedUpTo + 1)
        logger.warning("the consumer of replies is mute and is made again")
        _ = await mend(consumer, after: .silent)
        return nil
    }

    /// Deletes the stream of replies where its messages are gone from the broker's disk.
    ///
    /// Nothing is lost by it: commands without an answer are sent again, and participants repeat
    /// what they answered.
    private func dropReplies(ifUnreadableFrom sequence: UInt64) async {
        let name = StreamPlan.replies
        do throws(NATSFailure) {
            guard let contents = try await jetStream.stream(name)?.contents,
                contents.messages > 0
            else { return }
            let first = max(sequence, contents.firstSequence)
            do throws(NATSFailure) {
                _ = try await jetStream.message(first, in: name)
            } catch .refused {
                logger.error(
                    "the broker lost the messages of a stream, which is made anew",
                    metadata: ["stream": "\(name)", "sequence": "\(first)"])
                try await jetStream.deleteStream(name)
            }
        } catch {
            logger.debug("cannot look into a stream", metadata: ["problem": "\(error)"])
        }
    }

    // MARK: What a crash leaves behind

    /// A nats-server that crashed may have kept acknowledgements, but not that the acknowledged
    /// messages had left their work queue: they would lie there for good.
    private func noteReconnects() async {
        for await event in connection.events() where event == .reconnected {
            shelf.withLock { $0.sweeps = LeftoverSweep.both }
        }
    }

    private func sweep() async {
        var seen: ConsumerDescription?
        repeat {
            for sweep in shelf.withLock({ $0.sweeps }) where !sweep.isDone { await run(sweep) }
            seen = await look(since: seen)
        } while (try? await Task.sleep(for: limits.sweepWait)) != nil
    }

    private func run(_ sweep: LeftoverSweep) async {
        do throws(NATSFailure) {
            var swept = sweep
            let count = try await swept.run(jetStream)
            shelf.withLock { shelf in
                // A reconnect meanwhile begins anew.
                if let place = shelf.sweeps.firstIndex(of: sweep) { shelf.sweeps[place] = swept }
            }
            guard count > 0 else { return }
            logger.notice(
                "swept out what was acknowledged before the broker crashed",
                metadata: ["stream": "\(sweep.stream)", "messages": "\(count)"])
        } catch {
            logger.debug(
                "cannot sweep",
                metadata: ["stream": "\(sweep.stream)", "problem": "\(error)"])
        }
    }
}

extension ConsumerDescription {
    /// Whether messages and pulls wait for each other, which a sound consumer ends at once, unless
    /// it waits for acknowledgements, as it does while the store is away.
    fileprivate var isMute: Bool {
        pending > 0 && waiting > 0 && unacknowledged < configuration.maxAckPending
    }

    fileprivate func standsWhere(_ earlier: ConsumerDescription) -> Bool {
        created == earlier.created && pending == earlier.pending
            && acknowledgedUpTo == earlier.acknowledgedUpTo
            && unacknowledged == earlier.unacknowledged
    }
}
