import Foundation
import Testing

@testable import Daemon

@Suite struct `What starting needed` {
    /// As in proc_pid_smaps(5), without the lines that do not matter.
    private static func mapping(
        _ head: String, rss: Int = 8, anonymous: Int = 0, swapped: Int = 0
    ) -> String {
        """
        \(head)
        Size: 64 kB
        Rss: \(rss) kB
        Anonymous: \(anonymous) kB
        Swap: \(swapped) kB
        VmFlags: rd mr mw

        """
    }

    @Test func `is what files are mapped to, unchanged, with rights to write for nobody`() {
        let text = [
            Self.mapping("10000-20000 r-xp 00001000 fe:00 77    /usr/bin/sagad", rss: 12),
            Self.mapping("20000-30000 r--p 00011000 fe:00 77    /usr/bin/sa gad (deleted)"),
            Self.mapping("30000-38000 r--p 00021000 fe:00 77    /usr/bin/sagad", anonymous: 4),
            Self.mapping("38000-40000 r--p 00029000 fe:00 77    /usr/bin/sagad", swapped: 4),
            Self.mapping("40000-50000 rw-p 00031000 fe:00 77    /usr/bin/sagad"),
            Self.mapping("50000-60000 r--s 00000000 fe:00 78    /var/lib/sagad/sagad.db-shm"),
            Self.mapping("60000-70000 r--p 00000000 00:00 0"),
            Self.mapping("70000-80000 r-xp 00000000 00:00 0     [vdso]"),
            Self.mapping("80000-90000 r--p 00041000 fe:00 79    /usr/lib/libm.so", rss: 0),
            Self.mapping("90000-a0000 ---p 00041000 fe:00 79    /usr/lib/libc.so", rss: 4),
        ].joined()
        #expect(
            StartingPages.unchanged(in: text) == [
                StartingPages.Mapping(start: 0x10000, length: 0x10000, resident: 12_288),
                StartingPages.Mapping(start: 0x20000, length: 0x10000, resident: 8_192),
                StartingPages.Mapping(start: 0x90000, length: 0x10000, resident: 4_096),
            ])
    }

    @Test func `is nothing in a text of another form`() {
        let figures = "Rss: 4 kB\nAnonymous: 0 kB\nSwap: 0 kB\n"
        let heads = ["", "x-y r-xp 0 0 1 /a", "20-10 r-xp 0 0 1 /a", "10-20 r-xp", "10-20"]
        for head in heads {
            #expect(StartingPages.unchanged(in: "\(head)\n\(figures)") == [])
        }
        let cut = "10000-20000 r-xp 0 0 1 /a\nRss: 4 kB\nAnonymous: 0 kB\n"
        #expect(StartingPages.unchanged(in: cut) == [])
    }

    @Test func `is handed back, and is there where it is needed again`() throws {
        let before = try residentFilePages()
        #expect(StartingPages.handBack() > 0)
        #expect(try residentFilePages() < before)
    }

    /// In kilobytes.
    private func residentFilePages() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("RssFile:") })
        return try #require(Int(line.split(whereSeparator: \.isWhitespace)[1]))
    }
}
