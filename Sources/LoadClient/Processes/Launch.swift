import FoundationEssentials
import Glibc

/// A program to be started as a child process.
package struct Launch: Sendable {
    /// What it is called in messages.
    package var name: String
    /// The program, by path or by its name in PATH, and its arguments.
    package var command: [String]
    /// The file that its output goes to; what is there is kept.
    package var logFile: String
    /// The folder that it runs in; nil is the present one.
    package var directory: String?
    /// Variables of its environment, as `NAME=VALUE`, beside our own.
    package var environment: [String] = []
    /// What asks it to stop.
    package var stopSignal: Int32 = SIGTERM
    /// How long it may take to stop before it is killed.
    package var stopGrace: Duration = .seconds(10)
    /// What it gets where the process that started it is gone.
    package var orphanSignal = "KILL"
    /// The user, by `setpriv`'s options, under whom it runs; empty is the present one.
    package var privileges: [String] = []

    /// A program with its arguments, whose output goes to a file.
    package init(_ name: String, _ command: [String], logFile: String) {
        self.name = name
        self.command = command
        self.logFile = logFile
    }

    /// The whole command line: `setpriv` asks the kernel to end the child with its parent.
    private var commandLine: [String] {
        ["/usr/bin/env"] + (directory.map { ["-C", $0] } ?? []) + environment + ["setpriv"]
            + privileges + ["--pdeathsig", orphanSignal] + command
    }

    /// The files that this process has open now; closing one that is gone by then does no harm.
    private static var openDescriptors: [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return names.compactMap { Int32($0) }
    }

    /// Starts it: in a process group of its own, so that a terminal's Ctrl-C reaches only us, with
    /// the usual signals and without our files.
    func spawn() throws(LaunchFailure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(
            &actions, 1, logFile, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        for descriptor in Self.openDescriptors where descriptor > 2 {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        posix_spawnattr_setflags(&attributes, Int16(flags))
        var arguments: [UnsafeMutablePointer<CChar>?] = commandLine.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var pid: pid_t = 0
        let status = posix_spawn(&pid, commandLine[0], &actions, &attributes, &arguments, environ)
        guard status == 0 else {
            throw LaunchFailure(
                description: "\(name) cannot be started: \(String(cString: strerror(status)))")
        }
        return pid
    }
}

/// Why something that was to be started does not run.
package struct LaunchFailure: Error, Sendable, CustomStringConvertible {
    /// What was expected, what was found, and what to do.
    package var description: String

    /// The failure in those words.
    package init(description: String) { self.description = description }
}
