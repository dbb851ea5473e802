import Foundation

/// Tells on standard error how far a check has come, once it takes longer.
///
/// It has no clock of its own: who tells it of states says when that was.
struct CheckProgress {
    /// A check that takes no longer is not told of.
    static let patience = Duration.seconds(1)
    /// From one line to the next where lines are rewritten in place.
    static let rewriteInterval = Duration.milliseconds(200)
    /// From one line to the next where each stays.
    static let lineInterval = Duration.seconds(5)

    /// What is checked.
    let name: String
    /// Whether lines are rewritten in place, as on a terminal.
    let rewrites: Bool
    /// Where the lines go.
    let write: (String) -> Void
    private var next = Self.patience
    private var hasWritten = false

    /// The progress of a check of that name.
    init(name: String, rewrites: Bool, write: @escaping (String) -> Void) {
        self.name = name
        self.rewrites = rewrites
        self.write = write
    }

    /// The progress that a program's standard error shows.
    static func ofProgram(_ name: String) -> CheckProgress {
        CheckProgress(name: name, rewrites: isatty(STDERR_FILENO) == 1) { text in
            FileHandle.standardError.write(Data(text.utf8))
        }
    }

    /// So many states were found by that time after the start.
    mutating func note(_ states: Int, after time: Duration) {
        guard time >= next else { return }
        next = time + (rewrites ? Self.rewriteInterval : Self.lineInterval)
        hasWritten = true
        let text = "\(name): \(states) states, \(time.components.seconds) s"
        write(rewrites ? "\r\u{1B}[K\(text)" : text + "\n")
    }

    /// The check is over: a line that was rewritten goes.
    mutating func finish() {
        if rewrites, hasWritten { write("\r\u{1B}[K") }
        hasWritten = false
    }
}
