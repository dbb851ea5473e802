import NIOCore

/// Runs tasks on an event loop's thread, so that a request and its connection never change threads.
///
/// With the default executor an order's request changes threads some four times, and each change
/// wakes a thread that sleeps.
final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    /// An executor for as long as the loop runs.
    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedTaskExecutor()
        loop.execute { job.runSynchronously(on: executor) }
    }
}
