import PostgreSQL
import Schema
import Testing

@Suite struct `The migrations` {
    @Test func `are numbered in their order, and named once`() {
        let numbers = Migrations.portable.map(\.number)
        #expect(numbers == Set(numbers).sorted())
        #expect(Set(Migrations.portable.map(\.name)).count == numbers.count)
    }

    @Test(arguments: Migrations.portable.map(\.label))
    func `hold portable changes of the schema only`(label: String) throws {
        let migration = try #require(Migrations.portable.first { $0.label == label })
        let statements = try SQLScript.statements(in: migration.sql)
        #expect(!statements.isEmpty)
        for statement in statements {
            #expect(MigrationLint.findings(in: statement) == [], "\(statement)")
        }
    }
}
