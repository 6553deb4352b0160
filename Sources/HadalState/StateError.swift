/// What is wrong with a database, and what to do about it. No statement and no argument is part of it: they may name
/// users.
public enum StateError: Error, Sendable, Hashable {
    /// Nothing was changed; what was there is there.
    case diskFull(path: String)
    /// Its file, directory or disk cannot be written; nothing was changed.
    case readOnly(path: String)
    /// - Parameter found: what makes no sense, and where.
    case damaged(path: String, found: String)
    /// Another process holds it for longer than we wait.
    case busy(path: String)
    case unreadable(path: String, problem: String)
    /// A later Hadal has written it.
    case newer(path: String)
    case failed(path: String, problem: String)
}

extension StateError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .diskFull(let path): "the disk of \(path) is full; nothing was changed. Make room and try again"
        case .readOnly(let path):
            "\(path) cannot be written; nothing was changed. Check its mode and how its disk is mounted"
        case .damaged(let path, let found):
            "\(path) is damaged or not a database of ours (\(found)); restore it from a backup (hadal restore)"
        case .busy(let path): "another process holds \(path); try again"
        case .unreadable(let path, let problem):
            "\(path) cannot be opened: \(problem); check that it belongs to the user who runs hadal"
        case .newer(let path):
            "\(path) was written by a later version of hadal; use that version, or restore a backup of this one's "
                + "(hadal restore)"
        case .failed(let path, let problem): "\(path): \(problem)"
        }
    }
}
