import PostgreSQL
import Testing

@testable import CockroachStore

@Suite struct `The statements of the store` {
    @Test func `bear each another name`() {
        #expect(Set(Statements.all.map(\.name)).count == Statements.all.count)
    }

    @Test(arguments: Statements.all.map(\.name))
    func `are portable`(name: String) throws {
        let statement = try #require(Statements.all.first { $0.name == name })
        #expect(SQLLint.findings(in: statement.sql) == [])
        let placeholders = SQLLint.placeholderFindings(
            in: statement.sql, declared: statement.parameters)
        #expect(placeholders == [])
    }

    @Test(
        .timeLimit(.minutes(5)), arguments: [CockroachStore.Isolation.serializable, .readCommitted])
    func `are prepared and run by a server`(isolation: CockroachStore.Isolation) async throws {
        try await TestSchema.with { url in
            let store = try CockroachStore(url: url, isolation: isolation)
            try await store.migrate()
            await store.close()
            let connection = try await TestSchema.connect(to: url, isolation)
            for statement in Statements.all {
                _ = try await connection.execute("BEGIN")
                try await connection.prepare(statement)
                let parameters = Parameters(samplesFor: statement)
                _ = try await connection.execute(statement, parameters)
                await connection.rollBack()
            }
            await connection.close()
        }
    }
}

extension Parameters {
    /// A value for each placeholder, and arrays with one element.
    fileprivate init(samplesFor statement: Statement) {
        self.init()
        for type in statement.parameters {
            switch type {
            case .bool: append(bool: true)
            case .bytea: append(bytea: [1])
            case .int8: append(int8: 1)
            case .int2: append(int2: 1)
            case .int4: append(int4: 1)
            case .text: append(text: "a")
            case .timestamptz: append(timestamptz: 1)
            case .uuid: append(uuid: (1, 1))
            case .boolArray: append(boolArray: [true])
            case .byteaArray: append(byteaArray: [[1]])
            case .int2Array: append(int2Array: [Int16(1)])
            case .int4Array: append(int4Array: [Int32(1)])
            case .textArray: append(textArray: ["running"])
            case .int8Array: append(int8Array: [Int64(1)])
            case .timestamptzArray: append(timestamptzArray: [Int64(1)])
            case .uuidArray: append(uuidArray: [(1, 1)])
            }
        }
    }
}
