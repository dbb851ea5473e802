import Foundation
package import Glibc
import Synchronization

/// A child process: told signals, and waited for on a thread of its own.
package final class ChildProcess: Sendable {
    /// How a process ended.
    package enum End: Sendable, Equatable, CustomStringConvertible {
        /// By itself, with this status.
        case status(Int32)
        /// By this signal.
        case signal(Int32)

        /// How it ended, in words.
        package var description: String {
            switch self {
            case .status(let status): "ended with status \(status)"
            case .signal(let signal): "was ended by signal \(signal)"
            }
        }
    }

    private struct State {
        var end: End?
        var waiting: [CheckedContinuation<End, Never>] = []
    }

    /// What was started.
    package let launch: Launch
    /// The process.
    package let pid: pid_t
    private let state = Mutex(State())

    private init(_ launch: Launch, pid: pid_t) {
        self.launch = launch
        self.pid = pid
    }

    /// Starts a program.
    ///
    /// The thread that starts it stays until it has ended, because the kernel takes the end of that
    /// thread for the end of the parent.
    package static func start(_ launch: Launch) async throws(LaunchFailure) -> ChildProcess {
        let result: Result<ChildProcess, LaunchFailure> = await withCheckedContinuation { started in
            let thread = Thread {
                do throws(LaunchFailure) {
                    let child = ChildProcess(launch, pid: try launch.spawn())
                    started.resume(returning: .success(child))
                    child.reap()
                } catch {
                    started.resume(returning: .failure(error))
                }
            }
            thread.stackSize = 256 * 1024
            thread.start()
        }
        return try result.get()
    }

    /// How it ended; nil while it runs.
    package var end: End? { state.withLock { $0.end } }

    /// Sends a signal; nothing happens where it has ended.
    package func send(_ signal: Int32) {
        // Under the lock the number cannot have become another process's.
        state.withLock { state in
            if state.end == nil { _ = Glibc.kill(pid, signal) }
        }
    }

    /// Waits for its end; also in a cancelled task.
    @discardableResult
    package func wait() async -> End {
        await withCheckedContinuation { continuation in
            let end = state.withLock { state in
                if state.end == nil { state.waiting.append(continuation) }
                return state.end
            }
            if let end { continuation.resume(returning: end) }
        }
    }

    /// Asks it to stop, kills it where it takes longer than its grace, and waits for its end.
    @discardableResult
    package func stop() async -> End {
        // Not a child task: this one may be cancelled, and the grace is the same then.
        let killing = Task {
            try await Task.sleep(for: launch.stopGrace)
            send(SIGKILL)
        }
        defer { killing.cancel() }
        send(launch.stopSignal)
        return await wait()
    }

    /// Kills it (SIGKILL) and waits for its end.
    @discardableResult
    package func kill() async -> End {
        send(SIGKILL)
        return await wait()
    }

    private func reap() {
        var info = siginfo_t()
        // It keeps its number until it is taken under the lock.
        while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
        let (end, waiting) = state.withLock { state in take(&state) }
        for continuation in waiting { continuation.resume(returning: end) }
    }

    private func take(_ state: inout State) -> (End, [CheckedContinuation<End, Never>]) {
        var status: Int32 = 0
        guard waitpid(pid, &status, 0) == pid else {
            preconditionFailure("A child that has ended is waited for once.")
        }
        let signal = status & 0x7F
        let end: End = signal == 0 ? .status((status >> 8) & 0xFF) : .signal(signal)
        state.end = end
        defer { state.waiting = [] }
        return (end, state.waiting)
    }
}
