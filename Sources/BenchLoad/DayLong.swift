import FoundationEssentials
import LoadClient

/// A saga that waits a day for its only answer, and is posted as an order is.
enum DayLong {
    private static let definition = """
        saga: day-long
        version: 1
        description: Take an order and wait for its review, up to a day.

        aggregate: {type: order, stream: ORDERS}

        intake:
          path: /api/orders
          id: order_id
          event: created

        steps:
          - step: review
            command: reviews.review
            timeout: 24h
            retry: none
            outcomes:
              approved: {}
              rejected: {then: reject}
            compensate: none

        finish:
          completed:
            event: approved
          compensated:
            event: rejected

        """

    /// Makes a folder with this definition alone; answers its path.
    static func folder(on stage: Stage) throws -> String {
        let folder = try stage.makeFolder("day-long")
        try Data(definition.utf8).write(to: URL(filePath: "\(folder)/day-long.yaml"))
        return folder
    }
}
