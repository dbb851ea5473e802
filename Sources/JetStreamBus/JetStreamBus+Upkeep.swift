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

    /// Mends each standing pull, and looks whether it is mute.
    private func mend() async {
        await withTaskGroup(of: Void.self) { group in
            for await pull in standing.stream {
                group.addTask { await self.mend(pull) }
                group.addTask { await self.listen(to: pull) }
            }
        }
    }

    private func mend(_ pull: StandingPull) async {
        for await trouble in pull.consumer.troubles {
            logger.warning(
                "cannot pull",
                metadata: ["stream": "\(pull.stream)", "trouble": "\(trouble)"])
            var wait = limits.mendWait
            while !Task.isCancelled, await !mend(pull, after: trouble) {
                guard (try? await Task.sleep(for: wait)) != nil else { return }
                wait = min(wait * 2, limits.mendWait * 8)
            }
        }
    }

    private func mend(_ pull: StandingPull, after trouble: PullConsumer.Trouble) async -> Bool {
        // Without a connection there is nothing to mend; pulling begins again with the next one.
        guard connection.isConnected else { return true }
        do throws(NATSFailure) {
            try await remakeStreams()
            try await jetStream.restore(pull.configuration, on: pull.stream, after: trouble)
            pull.consumer.pullAgain()
            return true
        } catch {
            logger.warning(
                "cannot make a consumer again",
                metadata: ["stream": "\(pull.stream)", "problem": "\(error)"])
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

    /// Looks whether a standing pull of events is mute; the work queues are looked at as wholes.
    private func listen(to pull: StandingPull) async {
        guard pull.stream != StreamPlan.replies else { return }
        var seen: QueueLook?
        repeat {
            seen = await look(at: pull, since: seen)
        } while (try? await Task.sleep(for: limits.sweepWait)) != nil
    }

    private func look(at pull: StandingPull, since earlier: QueueLook?) async -> QueueLook? {
        guard connection.isConnected,
            let found = try? await jetStream.consumer(
                pull.configuration.durable, on: pull.stream)
        else { return nil }
        // How many messages lie there says nothing: they stay when they are acknowledged.
        let look = QueueLook(messages: 0, consumer: found)
        guard let earlier, look.trouble(since: earlier) != nil else { return look }
        logger.warning(
            "a consumer is mute and is made again", metadata: ["stream": "\(pull.stream)"])
        _ = await mend(pull, after: .silent)
        return nil
    }

    /// Looks for what was lost, or stands still, without anybody saying so; answers how the work
    /// queues stand, by their names.
    private func look(since earlier: [String: QueueLook]) async -> [String: QueueLook] {
        await makeStreams()
        guard connection.isConnected else { return [:] }
        var seen: [String: QueueLook] = [:]
        for queue in [StreamPlan.commands, StreamPlan.replies] {
            guard let found = await look(into: queue) else { continue }
            guard let before = earlier[queue], let trouble = found.trouble(since: before) else {
                seen[queue] = found
                continue
            }
            await mend(queue, after: trouble)
        }
        return seen
    }

    private func look(into queue: String) async -> QueueLook? {
        do throws(NATSFailure) {
            guard let contents = try await jetStream.stream(queue)?.contents else { return nil }
            var look = QueueLook(messages: contents.messages)
            // Asked for after the stream, it may know of more messages, never of fewer.
            if queue == StreamPlan.replies {
                look.consumer = try await jetStream.consumer(Self.consumer, on: queue)
            }
            let first = contents.firstSequence
            if queue == StreamPlan.commands, contents.messages > 0 { look.oldest = first }
            if contents.messages > 0, try await !isReadable(first, in: queue) {
                look.unreadable = first
            }
            return look
        } catch {
            logger.debug(
                "cannot look into a stream",
                metadata: ["stream": "\(queue)", "problem": "\(error)"])
            return nil
        }
    }

    private func isReadable(_ sequence: UInt64, in stream: String) async throws(NATSFailure) -> Bool
    {
        do throws(NATSFailure) {
            return try await jetStream.message(sequence, in: stream) != nil
        } catch .refused {
            return false
        }
    }

    /// Makes a mute consumer, or a stream whose messages cannot be read, anew.
    ///
    /// Nothing is lost by the second: commands without an answer are sent again, and participants
    /// repeat what they answered.
    private func mend(_ queue: String, after trouble: QueueLook.Trouble) async {
        switch trouble {
        case .mute: logger.warning("the consumer of replies is mute and is made again")
        case .lingering: return await removePassedOver(in: queue)
        case .unreadable(let sequence):
            logger.error(
                "the broker lost the messages of a stream, which is made anew",
                metadata: ["stream": "\(queue)", "sequence": "\(sequence)"])
            do throws(NATSFailure) {
                try await jetStream.deleteStream(queue)
            } catch {
                logger.warning(
                    "cannot delete a stream whose messages are lost",
                    metadata: ["stream": "\(queue)", "problem": "\(error)"])
                return
            }
            await makeStreams()
        }
        guard queue == StreamPlan.replies, let consumer = shelf.withLock({ $0.consumer })
        else { return }
        let pull = StandingPull(
            consumer: consumer, configuration: consumerConfiguration, stream: queue)
        _ = await mend(pull, after: .silent)
    }

    private func removePassedOver(in queue: String) async {
        do throws(NATSFailure) {
            let count = try await PassedOver.remove(from: queue, jetStream)
            guard count > 0 else { return }
            logger.warning(
                "removed what its consumer had passed over; what has no answer is sent again",
                metadata: ["stream": "\(queue)", "messages": "\(count)"])
        } catch {
            logger.debug(
                "cannot look for what was passed over",
                metadata: ["stream": "\(queue)", "problem": "\(error)"])
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
        var seen: [String: QueueLook] = [:]
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

/// A consumer of the daemon's own that is pulled from for as long as the bus lives.
struct StandingPull: Sendable {
    let consumer: PullConsumer
    /// As it is made, and made again where it was lost.
    let configuration: ConsumerConfiguration
    let stream: String
}
