import Glibc

/// What the kernel says of one process.
package struct ProcessFigures: Sendable, Equatable {
    /// Memory that is in use and in RAM, in bytes.
    package var residentBytes: Int
    /// CPU time in user and system mode together, in seconds.
    package var cpuSeconds: Double
    /// Open file descriptors.
    package var openDescriptors: Int
    /// When the process started, in seconds since 1970.
    package var startSeconds: Double

    /// Makes figures from their values.
    package init(
        residentBytes: Int, cpuSeconds: Double, openDescriptors: Int, startSeconds: Double
    ) {
        self.residentBytes = residentBytes
        self.cpuSeconds = cpuSeconds
        self.openDescriptors = openDescriptors
        self.startSeconds = startSeconds
    }

    /// A function that reads the figures of this process; nil where `/proc` cannot be read.
    ///
    /// It reads only `/proc/self`, so that it works where a service sees no other part of `/proc`.
    package static func ownReader() -> @Sendable () -> ProcessFigures? {
        // The two clocks are compared once, so that the start does not wander with corrections.
        let bootedAt = seconds(of: CLOCK_REALTIME) - seconds(of: CLOCK_BOOTTIME)
        return {
            guard let stat = readSmallFile("/proc/self/stat"),
                let descriptors = countDescriptors()
            else { return nil }
            return ProcessFigures(
                stat: stat, openDescriptors: descriptors, bootedAt: bootedAt,
                ticksPerSecond: Double(sysconf(Int32(_SC_CLK_TCK))),
                pageBytes: Int(sysconf(Int32(_SC_PAGESIZE))))
        }
    }

    /// Reads the text of `/proc/PID/stat`; nil where it is not of that form.
    ///
    /// The fields are counted behind the last `)`, since the program's name may hold blanks.
    init?(
        stat: String, openDescriptors: Int, bootedAt: Double, ticksPerSecond: Double,
        pageBytes: Int
    ) {
        guard let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: end)...].split(whereSeparator: \.isWhitespace)
        // proc(5) counts from 1 with the pid; the first field here is the third there.
        func field(_ number: Int) -> Double? {
            fields.indices.contains(number - 3) ? Double(fields[number - 3]) : nil
        }
        guard let user = field(14), let system = field(15), let start = field(22),
            let pages = field(24)
        else { return nil }
        self.init(
            residentBytes: Int(pages) * pageBytes,
            cpuSeconds: (user + system) / ticksPerSecond,
            openDescriptors: openDescriptors,
            startSeconds: bootedAt + start / ticksPerSecond)
    }

    /// The figures as families, under the names that Prometheus' own client libraries use.
    func blocks() -> [TextBlock] {
        [
            TextBlock(
                name: "process_cpu_seconds_total",
                help: "CPU time in user and system mode, in seconds.", type: "counter",
                value: TextBlock.number(cpuSeconds)),
            TextBlock(
                name: "process_open_fds", help: "Open file descriptors.", type: "gauge",
                value: "\(openDescriptors)"),
            TextBlock(
                name: "process_resident_memory_bytes", help: "Resident memory, in bytes.",
                type: "gauge", value: "\(residentBytes)"),
            TextBlock(
                name: "process_start_time_seconds",
                help: "When the process started, in seconds since 1970.", type: "gauge",
                value: TextBlock.number(startSeconds)),
        ]
    }

    private static func seconds(of clock: clockid_t) -> Double {
        var now = timespec()
        clock_gettime(clock, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }

    /// The text of a file that fits one page, as those of `/proc` do.
    private static func readSmallFile(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let bytes = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
            count = max(0, read(descriptor, buffer.baseAddress, buffer.count))
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Linux 6.2 and later say how many there are; before, they are listed, which takes long where
    /// there are many.
    private static func countDescriptors() -> Int? {
        let path = "/proc/self/fd"
        var status = stat()
        if stat(path, &status) == 0, status.st_size > 0 { return Int(status.st_size) }
        return countEntries(path)
    }

    static func countEntries(_ path: String) -> Int? {
        guard let folder = opendir(path) else { return nil }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // Not `.`, not `..`, and not the descriptor of this reading.
        return max(0, count - 3)
    }
}
