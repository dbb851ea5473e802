import FoundationEssentials
import Glibc

/// What `/proc` says of a process.
package struct ProcessFigures: Sendable, Equatable {
    /// The processor time used so far, in seconds; that of children included that have ended.
    package var cpuSeconds: Double
    /// The memory that is resident now, in bytes.
    package var residentBytes: Int64
    /// The most memory that was ever resident, in bytes.
    package var peakBytes: Int64

    /// Figures with these parts.
    package init(cpuSeconds: Double, residentBytes: Int64, peakBytes: Int64) {
        self.cpuSeconds = cpuSeconds
        self.residentBytes = residentBytes
        self.peakBytes = peakBytes
    }

    /// The figures of a process; nil where there is none of that number.
    package static func of(_ pid: Int32) -> ProcessFigures? {
        guard let stat = Stat(pid), let status = text("/proc/\(pid)/status") else { return nil }
        return ProcessFigures(
            cpuSeconds: stat.cpuSeconds, residentBytes: kilobytes("VmRSS:", in: status) * 1024,
            peakBytes: kilobytes("VmHWM:", in: status) * 1024)
    }

    /// The processor time of a process and of its children, those that have ended included.
    package static func cpuSeconds(ofFamily pid: Int32) -> Double {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        let children = names.compactMap { Int32($0) }.compactMap(Stat.init)
            .filter { $0.parent == pid }
        return (Stat(pid)?.cpuSeconds ?? 0) + children.reduce(0) { $0 + $1.cpuSeconds }
    }

    /// The fields of `/proc/PID/stat` that matter here.
    private struct Stat {
        var parent: Int32
        var cpuSeconds: Double

        init?(_ pid: Int32) {
            // The program's name, in parentheses, may hold anything: what counts is behind it.
            guard let line = ProcessFigures.text("/proc/\(pid)/stat"),
                let end = line.lastIndex(of: ")")
            else { return nil }
            let fields = line[end...].dropFirst().split(separator: " ")
            guard fields.count > 14, let parent = Int32(fields[1]) else { return nil }
            self.parent = parent
            // utime, stime, and those of the children that were waited for.
            let ticks = fields[11...14].reduce(0.0) { $0 + (Double($1) ?? 0) }
            cpuSeconds = ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
        }
    }

    private static func text(_ path: String) -> String? {
        // The files of /proc say that they are empty: they are read to their end.
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 8192)
        let count = fread(&buffer, 1, buffer.count, file)
        return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
    }

    private static func kilobytes(_ label: String, in status: String) -> Int64 {
        for line in status.split(separator: "\n") where line.hasPrefix(label) {
            return line.dropFirst(label.count).split(whereSeparator: { $0 == " " || $0 == "\t" })
                .first.flatMap { Int64($0) } ?? 0
        }
        return 0
    }
}
