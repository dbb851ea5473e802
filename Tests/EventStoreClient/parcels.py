"""A saga whose only step a participant answers that only knows the event store."""

# Its packed parcels are any number; the customs' answer is a step's outcome, and the end is raised.
PARCEL = """
saga: parcel
version: 1
aggregate: {type: parcel, stream: PARCELS}
deadline: 1h
steps:
  - step: customs
    await: the customs' answer
    outcomes:
      cleared: {event: cleared}
      held: {event: held, then: reject}
    compensate: none
finish:
  completed: {event: delivered}
  compensated: {event: returned}
"""
