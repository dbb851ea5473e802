import LoadClient
import Testing

@Suite struct `The sum of a metric` {
    private func sum(_ name: String, _ text: String) -> Double {
        SagaReader.sum(of: name, in: Array(text.utf8))
    }

    @Test func `is that of all its series, whatever their labels hold`() {
        let text = """
            # TYPE ended counter
            ended{status="completed"} 12
            ended{status="com } pensated"} 3.5
            started 7
            ended 1
            """
        #expect(sum("ended", text) == 16.5)
        #expect(sum("started", text) == 7)
    }

    @Test func `takes in no metric whose name only begins like it`() {
        #expect(sum("ended", "ended_total 4\nended 2\n# ended 8\n") == 2)
    }

    @Test(arguments: ["", "\n\n", "ended", "ended ", "ended many", "other 1"])
    func `is none where there is no number`(text: String) {
        #expect(sum("ended", text) == 0)
    }
}
