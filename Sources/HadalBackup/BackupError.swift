import Foundation
import HadalObjects

/// Why something cannot be backed up or brought back, and what to do.
public enum BackupError: Error, Sendable, Hashable {
    case badRecoveryKey(problem: String)
    case badKeyFile(path: String, problem: String)
    /// There is none where it was looked for.
    case noRepository(place: String)
    case alreadyThere(place: String)
    case wrongKey(place: String)
    /// Another data directory backs up to it now.
    case takenOver(place: String)
    /// The place lies in what is backed up.
    case placeWithin(place: String, root: String)
    case newerFormat(place: String, version: Int)
    /// An object that is not what was written.
    case damaged(place: String, object: String, problem: String)
    case missing(place: String, object: String)
    case noSnapshot(place: String, before: Date?)
    case notEmpty(path: String)
    case noSpace(path: String, needed: Int64, free: Int64)
    case storage(ObjectError)
    case system(path: String, operation: String, code: Int32)
    case database(path: String, problem: String)
    /// The server that was to back up has ended.
    case ended
}

extension BackupError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .badRecoveryKey(let problem):
            "this is no recovery key: \(problem); it looks like hadal-recovery-XXXXX-XXXXX-… and was shown by hadal backup init"
        case .badKeyFile(let path, let problem): "\(path): \(problem)"
        case .noRepository(let place): "there is no backup at \(place); hadal backup init makes one there"
        case .alreadyThere(let place): "there is a backup at \(place) already; use it, or name another place"
        case .wrongKey(let place): "the key does not open the backup at \(place): it belongs to another one"
        case .takenOver(let place):
            "another data directory backs up to \(place): each needs a place of its own. If this one is to go on with it: hadal "
                + "backup init --recovery-key FILE"
        case .placeWithin(let place, let root):
            "\(place) lies in \(root), which is backed up: it would back up itself; name a place on another disk or machine"
        case .newerFormat(let place, let version):
            "the backup at \(place) has format \(version), which a newer hadal wrote; use that one"
        case .damaged(let place, let object, let problem):
            "\(place): \(object) \(problem); hadal backup check tells what else is damaged, an earlier --at may be whole"
        case .missing(let place, let object):
            "\(place): \(object) is gone; hadal backup check tells what else is, an earlier --at may be whole"
        case .noSnapshot(let place, let before):
            before.map {
                "\(place) has nothing from before \($0.formatted(.iso8601)); hadal backup list shows what there is"
            }
                ?? "\(place) has no snapshot yet; hadal backup now makes one"
        case .notEmpty(let path): "\(path) is there and not empty; a restore overwrites nothing, name another directory"
        case .noSpace(let path, let needed, let free):
            "\(path) has \(free) bytes free, and \(needed) are needed; make room or name another directory"
        case .storage(let error): "\(error)"
        case .system(let path, let operation, let code):
            "cannot \(operation) \(path): \(String(cString: strerror(code)))"
        case .database(let path, let problem): "\(path): \(problem)"
        case .ended: "the server is ending, and backs up no more; start it and ask again"
        }
    }
}
