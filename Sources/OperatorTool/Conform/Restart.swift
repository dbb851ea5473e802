import Dispatch
import Glibc

/// How a participant is restarted: a command for the shell that returns once it is.
struct Restart: Sendable {
    /// The command.
    var command: String
    /// The longest time that it may take.
    static let limit: Duration = .seconds(60)

    /// Runs the command and waits for its end; what it writes goes to standard error.
    ///
    /// What it leaves running in the background is not waited for.
    ///
    /// - Throws: where it fails, or takes longer than ``limit``.
    func perform() async throws {
        let shell = try spawn()
        let ended = AsyncStream<Int32>.makeStream()
        // Waiting blocks: it gets a thread of its own.
        DispatchQueue(label: "conform.restart").async {
            var status: Int32 = 0
            while waitpid(shell, &status, 0) < 0 && errno == EINTR {}
            ended.continuation.yield(status)
            ended.continuation.finish()
        }
        let limit = Task {
            if (try? await Task.sleep(for: Self.limit)) != nil { ended.continuation.finish() }
        }
        defer { limit.cancel() }
        for await status in ended.stream {
            // The exit status is in the second byte; the first has the signal that ended it.
            guard status == 0 else {
                throw UsageProblem(
                    "--restart '\(command)' ended with "
                        + (status & 0x7F == 0 ? "\(status >> 8)" : "signal \(status & 0x7F)")
                        + ", expected 0")
            }
            return
        }
        kill(shell, SIGKILL)
        throw UsageProblem(
            "--restart '\(command)' took longer than \(Self.limit.components.seconds) s: it must "
                + "return once the participant is restarted")
    }

    private func spawn() throws(UsageProblem) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO)
        let texts = ["/bin/sh", "-c", command]
        var words: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var shell: pid_t = 0
        let failure = posix_spawn(&shell, "/bin/sh", &actions, nil, &words, environ)
        guard failure == 0 else {
            throw UsageProblem("/bin/sh cannot be run: \(String(cString: strerror(failure)))")
        }
        return shell
    }
}
