import Foundation

/// A snapshot that is prepared while points go on with the one before.
struct SnapshotDraft {
    /// Databases with a log are as they were then; other files as they were when they were read.
    let time: Date
    var entries: [String: FileEntry] = [:]
    /// As in `Chain`.
    var logs: [String: [LogPiece]] = [:]
    var problems: [String]
    var followers: [String: DatabaseFollower] = [:]
    var unsettled: Set<String> = []
    /// Its own: what points store meanwhile may fail after it was relied upon.
    let chunks: ChunkWriter

    /// Files of which nothing new could be read, and nothing was lost.
    var missed: [String] = []
    var bytes: Int64 = 0
    var seconds = 0.0

    /// A file that could not be read stays as the chain has it: better what it was than nothing. A database is followed
    /// on.
    mutating func takeMissed(from chain: Chain) {
        for path in missed {
            (entries[path], logs[path]) = (chain.entries[path], chain.logs[path])
            followers[path] = chain.followers[path]
        }
    }
}
