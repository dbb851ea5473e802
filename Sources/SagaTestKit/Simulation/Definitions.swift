import SagaCore
import SagaLanguage
import SagaRuntime

/// The sagas of a simulation.
enum Definitions {
    /// All of them, loaded.
    static let catalogEntries: [Catalog.Entry] = [order, trip, basket, parcel].map { text in
        let loaded = DefinitionLoader.load(canonical: text, file: "simulated.yaml")
        guard let definition = loaded.definition else {
            preconditionFailure("A definition of the simulation is wrong: \(loaded.diagnostics)")
        }
        return Catalog.Entry(definition: definition, hash: loaded.hash)
    }

    /// A catalog of them.
    static func catalog() -> Catalog {
        let catalog = Catalog()
        catalog.replace(
            entries: catalogEntries, offered: catalogEntries.map(\.definition), active: nil)
        return catalog
    }

    /// The events of compensations: one that was done is done again where a late reply says that its
    /// step was done after all, so that these may come twice.
    static let compensations: Set<String> = [
        "ORDERS.paymentvoided", "TRIPS.flightcancelled", "TRIPS.roomcancelled",
        "PARCELS.feereturned",
    ]

    /// Whether a participant works on that step: the others are a child saga and an awaited event.
    static func isCommanded(_ path: NodePath) -> Bool { path != "purchase" && path != "packing" }

    private static let retry =
        "{attempts: 3, initial: 200ms, factor: 2, max: 2s, jitter: 20%}"

    private static let order = """
        saga: order
        version: 1
        aggregate: {type: order, stream: ORDERS}
        intake: {path: /api/orders, id: order_id, event: created}
        steps:
          - step: payment
            command: payments.debit
            timeout: 3s
            retry: {attempts: 2, initial: 200ms, factor: 2, max: 2s, jitter: 20%}
            unknown: {probe: payments.status, every: 1s, for: 6s, otherwise: compensate}
            outcomes:
              debited: {event: paymentdebited, data: {status: Paid}}
              declined: {event: paymentdeclined, then: reject}
            compensate: {command: payments.void, event: paymentvoided, timeout: 3s}
          - step: review
            command: reviews.review
            timeout: 15s
            retry: none
            outcomes: {approved: {}, rejected: {then: reject}}
            compensate: none
        finish:
          completed: {event: approved, data: {status: Approved}}
          compensated: {event: rejected, data: {status: Rejected}}
        """

    private static let trip = """
        saga: trip
        version: 1
        aggregate: {type: trip, stream: TRIPS}
        intake: {path: /api/trips, id: trip_id, event: requested}
        deadline: 40s
        steps:
          - parallel:
              flight:
                - step: flight
                  command: flights.book
                  timeout: 3s
                  retry: \(retry)
                  outcomes: {booked: {event: flightbooked}, full: {then: reject}}
                  compensate: {command: flights.cancel, event: flightcancelled, timeout: 3s}
              room:
                - step: room
                  command: rooms.book
                  timeout: 3s
                  retry: none
                  unknown: {probe: rooms.status, every: 1s, for: 6s, otherwise: compensate}
                  outcomes: {booked: {event: roombooked}, full: {then: reject}}
                  compensate: {command: rooms.cancel, event: roomcancelled, timeout: 3s}
          - step: ticket
            command: tickets.issue
            pivot: true
            timeout: 4s
            retry: none
            unknown: {probe: tickets.status, every: 1s, for: 10m, otherwise: stuck}
            outcomes: {issued: {event: ticketissued}, refused: {then: reject}}
          - step: mail
            command: mails.send
            timeout: 3s
            outcomes: {done: {event: mailsent}}
        finish: {completed: {event: arranged}, compensated: {event: abandoned}}
        """

    private static let basket = """
        saga: basket
        version: 1
        aggregate: {type: basket, stream: BASKETS}
        intake: {path: /api/baskets, id: basket_id, event: filled}
        steps:
          - each: ${input.items}
            as: item
            at_most: 2
            steps:
              - step: take
                command: stock.take
                with: {item: "${item}"}
                timeout: 4s
                retry: \(retry)
                outcomes: {taken: {}, soldout: {then: reject}}
                compensate: {command: stock.back, with: {item: "${item}"}, timeout: 3s}
          - step: purchase
            saga: order
            with: {amount: 3}
        finish: {completed: {event: bought}, compensated: {event: emptied}}
        """

    private static let parcel = """
        saga: parcel
        version: 1
        aggregate: {type: parcel, stream: PARCELS}
        intake: {path: /api/parcels, id: parcel_id, event: announced}
        steps:
          - step: fee
            command: payments.debit
            timeout: 4s
            retry: none
            outcomes: {debited: {event: feepaid}, declined: {then: reject}}
            compensate: {command: payments.void, event: feereturned, timeout: 3s}
          - step: packing
            await: somebody packs it
            timeout: 20s
            outcomes:
              packed: {event: packed}
              damaged: {event: damaged, then: reject}
              timeout: {then: reject}
            compensate: none
        finish: {completed: {event: sent}, compensated: {event: withdrawn}}
        """
}
