import Foundation
import GRDB

/// What is wrong with a file of ours, and what to do about it.
public enum AccessStoreError: Error, Sendable, Hashable {
    case unreadable(path: String, problem: String)
    case corrupt(path: String)
    /// A later Hadal has written it.
    case newer(path: String)
    case diskFull(path: String)
    case readOnly(path: String)
    /// Another process holds it for longer than we wait.
    case busy(path: String)
    /// `access.key` is missing or another one than that with which secrets in `access.db` were sealed.
    case wrongKey(path: String)
    /// It has events that are encrypted, and no keys to read them were given.
    case sealed(path: String)
    case failed(path: String, problem: String)

    init(_ error: any Error, path: String) {
        switch error {
        case let error as AccessStoreError: self = error
        case let error as DatabaseError: self = AccessStoreError(error, path: path)
        case is RowDecodingError: self = .corrupt(path: path)
        default: self = .failed(path: path, problem: "\(error)")
        }
    }

    private init(_ error: DatabaseError, path: String) {
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .corrupt(path: path)
        case .SQLITE_FULL: self = .diskFull(path: path)
        case .SQLITE_READONLY: self = .readOnly(path: path)
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy(path: path)
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
            self = .unreadable(path: path, problem: error.message ?? "cannot be opened")
        default:
            // The statement and its arguments stay out: they may hold hashes.
            self = .failed(path: path, problem: error.message ?? "SQLite error \(error.resultCode.rawValue)")
        }
    }
}

extension AccessStoreError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let path, let problem):
            "\(path) cannot be opened: \(problem); check that it belongs to the user who runs hadal"
        case .corrupt(let path): "\(path) is damaged or not a database of ours; restore it from a backup"
        case .newer(let path): "\(path) was written by a later version of hadal; use that version or a backup"
        case .diskFull(let path): "the disk of \(path) is full; nothing was changed. Make room and try again"
        case .readOnly(let path):
            "\(path) cannot be written; nothing was changed. Check its mode and how its disk is mounted"
        case .busy(let path): "another process holds \(path); try again"
        case .wrongKey(let path):
            "\(path) is missing or not the key that second factors were sealed with; restore it, or reset them"
        case .sealed(let path):
            "\(path) has events that are encrypted; configure the key service that they were written with "
                + "(secrets.service) and name the configuration with --config"
        case .failed(let path, let problem): "\(path): \(problem)"
        }
    }
}
