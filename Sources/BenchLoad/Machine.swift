import Foundation
import Glibc
import LoadClient

/// The machine that was measured.
struct Machine: Sendable, Equatable {
    /// The processor's model.
    var processor: String
    /// How many processors there are.
    var cores: Int
    /// All memory, in bytes.
    var memory: Int64
    /// The kernel's name and release.
    var kernel: String
    /// What the distribution calls itself.
    var system: String
    /// The median time of writing 4 KiB and bringing it to the disk (`fdatasync`).
    var sync: Duration
    /// The load average of the last minute before anything was measured.
    var load: Double

    private static let syncs = 200

    /// Describes this machine; the disk is that of the stage's folder.
    static func describe(_ stage: Stage) async throws -> Machine {
        let load = load()
        let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        return Machine(
            processor: field("model name", in: "/proc/cpuinfo", separator: ":") ?? "unknown",
            cores: cores,
            memory: Int64(sysconf(Int32(_SC_PHYS_PAGES))) * Int64(sysconf(Int32(_SC_PAGESIZE))),
            kernel: kernelName(),
            system: field("PRETTY_NAME", in: "/etc/os-release", separator: "=") ?? "unknown",
            sync: try await syncTime(stage.path("sync")), load: load)
    }

    /// The load average of the last minute.
    static func load() -> Double {
        var averages = [0.0]
        return getloadavg(&averages, 1) == 1 ? averages[0] : 0
    }

    /// In a line.
    var summary: String {
        let size = Figures.text(Double(memory) / Double(1 << 30), digits: 0)
        return "\(processor), \(cores) cores, \(size) GiB, \(system), \(kernel), "
            + "fdatasync \(Figures.text(sync.inMilliseconds, digits: 2)) ms, "
            + "load before \(Figures.text(load, digits: 2))"
    }

    private static func kernelName() -> String {
        var name = utsname()
        uname(&name)
        func text(_ bytes: some Any) -> String {
            withUnsafeBytes(of: bytes) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        return "\(text(name.sysname)) \(text(name.release))"
    }

    private static func field(
        _ name: String, in file: String, separator: Character
    ) -> String? {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return nil }
        for line in text.split(separator: "\n") where line.hasPrefix(name) {
            guard let place = line.firstIndex(of: separator) else { continue }
            return line[line.index(after: place)...]
                .trimmingCharacters(in: CharacterSet(charactersIn: " \t\""))
        }
        return nil
    }

    private static func syncTime(_ file: String) async throws -> Duration {
        let samples = await withCheckedContinuation { continuation in
            // It blocks: it has a thread of its own.
            Thread { continuation.resume(returning: syncSamples(file)) }.start()
        }
        guard samples.count == syncs else {
            throw LaunchFailure(description: "\(file) cannot be written")
        }
        return Samples(samples).percentile(0.5)
    }

    private static func syncSamples(_ file: String) -> [Duration] {
        let descriptor = open(file, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        let block = [UInt8](repeating: 7, count: 4096)
        var samples: [Duration] = []
        for _ in 0..<syncs {
            let start = ContinuousClock.now
            guard write(descriptor, block, block.count) == block.count, fdatasync(descriptor) == 0
            else { break }
            samples.append(.now - start)
        }
        return samples
    }
}
