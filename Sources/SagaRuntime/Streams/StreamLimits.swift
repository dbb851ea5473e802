/// The bounds of looking after streams and of sending stored events again.
package struct StreamLimits: Equatable, Sendable {
    /// The time from one look at the streams to the next.
    package var check: Duration = .seconds(5)
    /// The time after which it is written down anew up to where a stream is whole: a daemon that starts
    /// compares what came since.
    package var markEvery: Duration = .seconds(15)
    /// The most places of one stream that are remembered as whole; those between go first.
    package var marks = 8
    /// The most messages that this daemon published and looks for at the next look.
    package var witnesses = 16
    /// How much clocks may differ: an event that is this old and not in the outbox was acknowledged.
    package var clockTolerance: Duration = .seconds(5)
    /// The most stored events that are read, and sent again, at once.
    package var page = 512
    /// The most messages whose ids are asked for at once.
    package var idPage: UInt64 = 16_384
    /// The most ids of messages that are kept in mind to compare a stream with the event store; of
    /// a longer one the newest.
    package var idsMax: UInt64 = 2_000_000
    /// How often an event is sent that the broker does not acknowledge.
    package var tries = 8
    /// The first wait before it is sent again, doubled up to ``retryMax``.
    package var retry: Duration = .milliseconds(250)
    /// The longest wait before it is sent again.
    package var retryMax: Duration = .seconds(2)
    /// How long a daemon has a stream to itself that it repairs; taken anew page by page.
    package var claim: Duration = .seconds(60)
    /// The first wait after a repair that did not succeed, doubled up to ``repairRetryMax``.
    package var repairRetry: Duration = .seconds(1)
    /// The longest wait after a repair that did not succeed.
    package var repairRetryMax: Duration = .seconds(60)
    /// After so many events that were sent again the log tells how far it is.
    package var tellEvery = 100_000

    /// The bounds that suit two cores.
    package init() {}
}
