import Glibc

/// The pages of the program and of its libraries that starting ran through.
///
/// Linking, the settings, the definitions and the first word with database and broker take the
/// daemon through code that it never runs again, and that stays mapped: the greater part of what an
/// idle daemon holds. They are handed back once; what runs again is mapped again by a minor fault,
/// from the kernel's cache of the file.
enum StartingPages {
    /// A range of addresses that a file is mapped to.
    struct Mapping: Equatable {
        /// Its first address.
        var start: UInt
        /// In bytes.
        var length: Int
        /// How much of it is in memory, in bytes.
        var resident: Int
    }

    /// The longest list of mappings that is read, in bytes; one takes some 700.
    private static let limit = 4 << 20

    /// Hands them back to the kernel.
    ///
    /// - Returns: how much that was, in bytes; 0 where the kernel does not tell what is mapped.
    @discardableResult
    static func handBack() -> Int {
        guard case .bytes(let bytes) = FileText.read("/proc/self/smaps", limit: limit) else {
            return 0
        }
        return unchanged(in: String(decoding: bytes, as: UTF8.self)).reduce(0) { sum, mapping in
            let address = UnsafeMutableRawPointer(bitPattern: mapping.start)
            return madvise(address, mapping.length, MADV_DONTNEED) == 0
                ? sum + mapping.resident : sum
        }
    }

    /// The private mappings of files that nobody may write and of which no page is changed: what
    /// is read there again is what the file has.
    ///
    /// - Parameter smaps: as in proc_pid_smaps(5).
    static func unchanged(in smaps: String) -> [Mapping] {
        var found: [Mapping] = []
        var candidate: Mapping?
        for line in smaps.split(separator: "\n") {
            let words = line.split(separator: " ")
            switch words.first {
            case "Rss:": candidate?.resident = kilobytes(words)
            case "Anonymous:": if kilobytes(words) > 0 { candidate = nil }
            // A changed page that was swapped out is in no other number; this is the last of them.
            case "Swap:":
                if let mapping = candidate, mapping.resident > 0, kilobytes(words) == 0 {
                    found.append(mapping)
                }
                candidate = nil
            default: if let range = range(of: words) { candidate = constant(range, words) }
            }
        }
        return found
    }

    /// The addresses in the line that begins the description of a mapping; nil in another line.
    private static func range(of words: [Substring]) -> Range<UInt>? {
        let ends = (words.first ?? "").split(separator: "-").map { UInt($0, radix: 16) }
        guard ends.count == 2, let start = ends[0], let end = ends[1], start < end else {
            return nil
        }
        return start..<end
    }

    /// - Parameter words: addresses, rights, offset, device, inode (0 for memory without a file)
    ///   and path.
    /// - Returns: nil where pages may be changed, or are no file's.
    private static func constant(_ range: Range<UInt>, _ words: [Substring]) -> Mapping? {
        guard words.count >= 5, words[4] != "0", words[1].hasSuffix("p"), !words[1].contains("w")
        else { return nil }
        return Mapping(start: range.lowerBound, length: range.count, resident: 0)
    }

    private static func kilobytes(_ words: [Substring]) -> Int {
        words.count > 1 ? (Int(words[1]) ?? 0) * 1_024 : 0
    }
}
