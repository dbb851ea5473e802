import LoadClient
import Testing

@testable import BenchLoad

@Suite struct `The disk that growth needs` {
    private static let gibibyte: Int64 = 1 << 30

    @Test func `is what a few sagas took, with a margin, and room for the log`() {
        let need = DiskNeed(bytesPerSaga: 8 * 1024, sagas: 5_000_000)
        let tables = 1.2 * 8 * 1024 * 5e6
        #expect(need.bytes == Int64(tables) + 4 * Self.gibibyte)
    }

    @Test func `is asked for before anything is made`() throws {
        let need = DiskNeed(bytesPerSaga: 1024, sagas: 1000)
        try need.check(free: need.bytes)
        #expect {
            try need.check(free: need.bytes - 1)
        } throws: { error in
            "\(error)".hasPrefix("1000 sagas need 4.0 GiB of disk (1.0 KiB a saga); 4.0 are free")
        }
    }

    @Test func `is measured in the folder's own file system`() throws {
        #expect(try DiskNeed.free(in: "/") > 0)
        #expect(throws: LaunchFailure.self) { try DiskNeed.free(in: "/no/such/folder") }
    }
}

@Suite struct `A copy of recorded sagas` {
    @Test func `has each column once, and its own identities`() throws {
        for table in Filling.tables {
            let statement = table.copying(3...4)
            let columns = statement.split(separator: "(")[1].split(separator: ")")[0]
                .split(separator: ", ")
            #expect(Set(columns).count == columns.count)
            #expect(statement.hasPrefix("INSERT INTO \(table.name) ("))
            #expect(statement.contains("md5("))
            #expect(statement.hasSuffix("generate_series(3, 4) AS g"))
        }
    }
}
