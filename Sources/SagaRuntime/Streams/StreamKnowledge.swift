import SagaCore

/// What is remembered of a stream: which one it is, and up to where it was whole.
struct StreamKnowledge: Equatable {
    /// A place up to which a stream has every stored event: those up to `place` in the event store
    /// lie in it at or before the message `number`.
    struct Mark: Equatable {
        /// The number of a message; 0 in a stream that never had any.
        var number: UInt64
        /// The number of an earlier message, behind which all lie that `place` leaves out, if they lie
        /// in the stream: they were recorded after it was the newest.
        var floor: UInt64 = 0
        /// That message's id; nil where it has none.
        var messageID: String?
        /// How far the event store was.
        var place: FeedPlace
        /// When that was seen.
        var at: Instant
    }

    /// Who repairs the stream, so that others need not; it stays until the stream is whole.
    struct Claim: Equatable {
        var owner: String
        var until: Instant
        /// Marks at this message and behind it are not to be trusted.
        var trusted: UInt64
    }

    /// What tells the stream from another one under its name; empty where nobody looked at it yet.
    var identity: String
    /// The number of its newest message when it was last written down.
    var last: UInt64
    /// How many messages lay in it then.
    var messages: UInt64
    /// Where it was whole, the oldest first.
    var marks: [Mark] = []
    var claim: Claim?

    /// A stream as it stands, of which nothing else is known.
    init(_ standing: StreamStanding) {
        identity = standing.identity
        last = standing.last
        messages = standing.messages
    }

    /// What a stream has lost that stands so now, as far as its numbers tell.
    func trouble(_ standing: StreamStanding) -> StreamTrouble? {
        if identity.isEmpty { return .unknown }
        if standing.identity != identity { return .madeAnew(identity) }
        if standing.last < last { return .wentBack(from: last, to: standing.last) }
        if !standing.limits.dropMessages, standing.messages < messages {
            return .thinned(from: messages, to: standing.messages)
        }
        return claim.map { .unfinished(from: $0.trusted) }
    }

    /// Adds a place; beyond the limit, the one between two others goes that are closest to each other
    /// for their age.
    mutating func add(_ mark: Mark, limit: Int) {
        marks.append(mark)
        while marks.count > max(limit, 2) {
            let crowded = (1..<marks.count - 1).min { left, right in
                gap(around: left, at: mark.at) < gap(around: right, at: mark.at)
            }
            marks.remove(at: crowded ?? 0)
        }
    }

    private func gap(around place: Int, at now: Instant) -> Double {
        let gap = (marks[place + 1].at - marks[place - 1].at).microseconds
        let age = (now - marks[place].at).microseconds
        return Double(gap) / Double(max(age, 1))
    }
}

/// How it was seen that a stream is not whole.
enum StreamTrouble: Equatable, CustomStringConvertible {
    /// It is another one under its name; what told the former one.
    case madeAnew(String)
    /// Its newest message has a lower number than there was.
    case wentBack(from: UInt64, to: UInt64)
    /// Messages of it are gone although it has no limits.
    case thinned(from: UInt64, to: UInt64)
    /// The message of that number is not the one that was there.
    case replaced(UInt64)
    /// Somebody began to repair it behind that message, and did not come to the end.
    case unfinished(from: UInt64)
    /// Nobody has looked at it yet.
    case unknown
    /// This daemon has not looked at it yet; marks at that message and behind it are not believed.
    case unverified(from: UInt64)

    /// Marks at this message and behind it are not to be trusted.
    var trusted: UInt64 {
        switch self {
        case .madeAnew, .thinned, .unknown: 0
        case .wentBack(_, let last): last + 1
        case .replaced(let number), .unfinished(let number), .unverified(let number): number
        }
    }

    /// In words, for the operator.
    var description: String {
        switch self {
        case .madeAnew(let former): "it was lost and made anew (the former one was of \(former))"
        case .wentBack(let from, let to): "it went back from message \(from) to \(to)"
        case .thinned(let from, let to): "of \(from) messages it has \(to)"
        case .replaced(let number): "its message \(number) is another one or gone"
        case .unfinished(let number): "a repair from message \(number) on was not finished"
        case .unknown: "it was not looked at before"
        case .unverified: "it lacks events that were recorded since it was last seen to be whole"
        }
    }
}

// MARK: - As text

extension StreamKnowledge {
    /// The number of this form; a daemon leaves those of later ones alone.
    static let form: Int64 = 1

    /// Why a memory cannot be used.
    enum Unreadable: Error {
        /// A newer daemon wrote it.
        case newer
        /// It is no memory.
        case malformed
    }

    /// The knowledge as JSON; numbers of 64 bits are texts.
    var text: String {
        var members: [(String, Value)] = [
            ("form", .int(Self.form)), ("identity", .string(identity)),
            ("last", .string(String(last))), ("messages", .string(String(messages))),
            ("marks", .list(marks.map(\.value))),
        ]
        if let claim {
            members.append(("claimed_by", .string(claim.owner)))
            members.append(("claimed_until", .string(claim.until.description)))
            members.append(("trusted", .string(String(claim.trusted))))
        }
        return Value.map(Members(members)).jsonText
    }

    init(text: String) throws(Unreadable) {
        guard let value = try? Value(json: text), let form = value["form"]?.whole else {
            throw .malformed
        }
        guard form == Self.form else { throw .newer }
        guard let identity = value["identity"]?.text,
            let last = value["last"]?.text.flatMap({ UInt64($0) }),
            let messages = value["messages"]?.text.flatMap({ UInt64($0) }),
            let marks = value["marks"]?.elements
        else { throw .malformed }
        self.identity = identity
        self.last = last
        self.messages = messages
        self.marks = marks.compactMap { Mark($0) }
        if let owner = value["claimed_by"]?.text,
            let until = value["claimed_until"]?.text.flatMap({ Instant($0) }),
            let trusted = value["trusted"]?.text.flatMap({ UInt64($0) })
        {
            claim = Claim(owner: owner, until: until, trusted: trusted)
        }
    }
}

extension StreamKnowledge.Mark {
    fileprivate var value: Value {
        var members: [(String, Value)] = [
            ("number", .string(String(number))), ("floor", .string(String(floor))),
            ("at", .string(at.description)),
            (
                "feeds",
                .map(
                    Members(
                        place.numbers.sorted { $0.key < $1.key }
                            .map { (String($0.key), .string(String($0.value))) }))
            ),
        ]
        if let messageID { members.append(("id", .string(messageID))) }
        return .map(Members(members))
    }

    /// Nil where it is no mark: then there is one less.
    fileprivate init?(_ value: Value) {
        guard let number = value["number"]?.text.flatMap({ UInt64($0) }),
            let at = value["at"]?.text.flatMap({ Instant($0) }),
            let feeds = value["feeds"]?.members
        else { return nil }
        var place = FeedPlace(isPastEarly: true)
        for entry in feeds {
            guard let feed = Int(entry.name), let read = entry.value.text.flatMap({ Int64($0) })
            else { return nil }
            place.numbers[feed] = read
        }
        let floor = value["floor"]?.text.flatMap { UInt64($0) }
        self.init(
            number: number, floor: floor ?? 0, messageID: value["id"]?.text, place: place, at: at)
    }
}
