import ArgumentParser
import SagaCore
import SagaTool

/// `sagactl cluster`: the daemons at work on one database.
struct ClusterCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster",
        abstract:
            "Shows the daemons on the server's database, their shards, and how late they are.",
        discussion: "It ends with 1 where nobody has a shard: its timers wait.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var server: ServerOptions

    func perform(_ server: Server, _ console: Console) async throws -> ExitStatus {
        let cluster = try await server.get("/api/cluster")
        let free = ClusterText.freeShards(of: cluster)
        switch format.format {
        case .json: console.write(cluster.jsonText + "\n")
        case .text:
            console.write(ClusterText.text(cluster))
            if !free.isEmpty {
                console.complain("Nobody has the shards \(ShardText.text(free)).\n")
            }
        }
        return free.isEmpty ? .fine : .findings
    }
}

/// A cluster as text.
enum ClusterText {
    /// A line for each member.
    static func text(_ cluster: Value) -> String {
        let rows = (cluster["members"]?.elements ?? []).map { member in
            let shards = (member["shards"]?.elements ?? []).compactMap(number)
            return [
                member["name"]?.text ?? "", member["host"]?.text ?? "",
                TimeText.dateAndTime(member["started_at"]?.text), ShardText.text(shards),
                lag("timers", of: member), lag("events", of: member),
            ]
        }
        let head = ["member", "host", "since", "shards", "timers late", "events late"]
        return Columns.text([head] + rows)
    }

    /// The shards that nobody has.
    static func freeShards(of cluster: Value) -> [Int] {
        (cluster["shards"]?.elements ?? []).filter { $0["owner"]?.text == nil }
            .compactMap { $0["shard"].flatMap(number) }
    }

    private static func lag(_ name: String, of member: Value) -> String {
        "\(member["lag_ms"]?[name].flatMap(number) ?? 0) ms"
    }

    private static func number(_ value: Value) -> Int? { value.whole.map { Int($0) } }
}

/// Shards by their numbers.
enum ShardText {
    /// Neighbours as a range: `0-7,9`; a dash where there are none.
    static func text(_ shards: [Int]) -> String {
        var ranges: [(first: Int, last: Int)] = []
        for shard in shards.sorted() {
            if let last = ranges.last, last.last + 1 == shard {
                ranges[ranges.count - 1].last = shard
            } else {
                ranges.append((shard, shard))
            }
        }
        let texts = ranges.map { $0.first == $0.last ? "\($0.first)" : "\($0.first)-\($0.last)" }
        return texts.isEmpty ? "–" : texts.joined(separator: ",")
    }
}
