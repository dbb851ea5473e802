import Dispatch
import Glibc
import Synchronization

/// A thread of its own for one connection, on which all of the connection's jobs run in order.
///
/// Waiting for the server happens here, so that it never blocks the threads of the Swift runtime.
/// The thread keeps itself alive and ends after `stop`.
final class ConnectionThread: SerialExecutor {
    private struct Pending {
        var jobs: [UnownedJob] = []
        var isStopped = false
    }

    private let pending = Mutex(Pending())
    private let arrivals = DispatchSemaphore(value: 0)

    /// Starts the thread; throws `.resources` when the machine gives no more threads.
    static func start() throws(PostgresError) -> ConnectionThread {
        let executor = ConnectionThread()
        let context = Unmanaged.passRetained(executor)
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, runConnectionThread, context.toOpaque())
        guard code == 0 else {
            context.release()
            throw PostgresError(
                kind: .resources,
                message: "no thread for a database connection could be started (errno \(code)): "
                    + "raise the limit of tasks or make the pool smaller")
        }
        pthread_detach(thread)
        return executor
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        pending.withLock { pending in
            guard !pending.isStopped else {
                preconditionFailure("a job came for a database connection that is gone")
            }
            pending.jobs.append(job)
        }
        arrivals.signal()
    }

    /// Ends the thread after the jobs that are waiting; to be called once.
    func stop() {
        pending.withLock { $0.isStopped = true }
        arrivals.signal()
    }

    fileprivate func run() {
        while true {
            arrivals.wait()
            let (jobs, isStopped) = pending.withLock { pending in
                let jobs = pending.jobs
                pending.jobs.removeAll(keepingCapacity: true)
                return (jobs, pending.isStopped)
            }
            for job in jobs {
                job.runSynchronously(on: asUnownedSerialExecutor())
            }
            if isStopped { return }
        }
    }
}

/// The body of the thread; it owns one reference to its executor.
private func runConnectionThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context {
        Unmanaged<ConnectionThread>.fromOpaque(context).takeRetainedValue().run()
    }
    return nil
}
