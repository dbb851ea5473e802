/// Where it is kept what was seen of the broker's streams, which the broker may lose.
package protocol StreamMemories: Sendable {
    /// What is remembered of a stream; nil where nothing is.
    func memory(of stream: String) async throws -> StreamMemory?

    /// Remembers something in the place of what has that revision, which becomes the next; answers
    /// whether it did. Where nothing is remembered, the revision does not matter.
    ///
    /// False says that another one was quicker, or that an earlier try of this call had been stored
    /// and its answer was lost: either way the memory is to be read anew.
    func remember(_ memory: StreamMemory) async throws -> Bool
}

/// What is remembered of one stream.
package struct StreamMemory: Equatable, Sendable {
    /// The stream's name.
    package var stream: String
    /// How often it was remembered, from 1; 0 is not yet.
    package var revision: Int64
    /// What is remembered: JSON text, without U+0000.
    package var content: String

    /// That content under that revision.
    package init(stream: String, revision: Int64, content: String) {
        self.stream = stream
        self.revision = revision
        self.content = content
    }
}
