package import NIOCore

/// Runs tasks on an event loop's thread, so that what they wait for on its connections comes without
/// a change of threads.
///
/// With the default executor an order's request changes threads some four times, and each change
/// wakes a thread that sleeps.
package final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    /// An executor for as long as the loop runs.
    package init(_ loop: any EventLoop) { self.loop = loop }

    /// Has the job run by the loop, after what was handed to it before.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedTaskExecutor()
        loop.execute { job.runSynchronously(on: executor) }
    }
}
