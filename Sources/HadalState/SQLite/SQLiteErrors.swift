import Foundation
import GRDB

extension StateError {
    /// - Parameter systemCode: `errno`, set to 0 before what failed. SQLite's own copy (`sqlite3_system_errno`) is 0
    ///   after a commit that fails.
    init(_ error: any Error, path: String, systemCode: Int32 = 0) {
        switch error {
        case let error as StateError: self = error
        case let error as DatabaseError: self = StateError(error, path, systemCode)
        default: self = .failed(path: path, problem: "\(error)")
        }
    }

    private init(_ error: DatabaseError, _ path: String, _ systemCode: Int32) {
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self = .damaged(path: path, found: error.message ?? "a page that makes no sense")
        case .SQLITE_FULL: self = .diskFull(path: path)
        case .SQLITE_READONLY: self = .readOnly(path: path)
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy(path: path)
        case .SQLITE_IOERR, .SQLITE_CANTOPEN:
            if error.extendedResultCode == .SQLITE_IOERR_CORRUPTFS {
                self = .damaged(path: path, found: "the file system says so")
            } else if let disk = StateError(systemCode, path: path) {
                self = disk
            } else {
                let reason = systemCode == 0 ? error.message : String(cString: strerror(systemCode))
                self =
                    error.resultCode == .SQLITE_CANTOPEN
                    ? .unreadable(path: path, problem: reason ?? "SQLite cannot open it")
                    : .failed(
                        path: path, problem: "its disk fails (\(reason ?? "no reason given")); nothing was changed")
            }
        case .SQLITE_PERM, .SQLITE_AUTH: self = .unreadable(path: path, problem: error.message ?? "it is not allowed")
        default:
            self = .failed(path: path, problem: error.message ?? "SQLite error \(error.resultCode.rawValue)")
        }
    }
}
