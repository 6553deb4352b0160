import Foundation
import HadalSecrets

/// Why something cannot be recorded or read. Texts name the file and the place and say what to do next.
public enum AuditError: Error, Sendable, Hashable {
    /// The system refused; `code` is errno.
    case system(path: String, operation: String, code: Int32)
    /// Another process writes this trail.
    case busy(path: String)
    /// In bytes.
    case noSpace(path: String, available: UInt64, needed: UInt64)
    /// Bytes are not those that were written.
    case damaged(path: String, offset: UInt64, problem: String)
    /// What the trail's own files say was signed is not there any more.
    case cut(path: String, sequence: UInt64, found: UInt64)
    /// Not a file of an audit trail, or of a later version.
    case unsupported(path: String, problem: String)
    /// The signing key is missing or not the trail's.
    case badKey(path: String, problem: String)
    /// It is encrypted, and no data keys were given.
    case encrypted(path: String)
    case secrets(SecretsError)
    case tooLarge(problem: String)
    /// `close` was called.
    case closed
    /// An earlier failure left open what is on the disk; the trail must be opened again.
    case broken(cause: String)
    /// The content was not recorded, was erased or has passed its time.
    case contentGone(problem: String)
}

extension AuditError: CustomStringConvertible, LocalizedError {
    public var errorDescription: String? { description }

    public var description: String {
        switch self {
        case .system(let path, let operation, let code):
            "\(path): cannot \(operation): \(String(cString: strerror(code)))\(Self.advice(on: code))"
        case .busy(let path):
            "\(path): another process writes this audit trail, and only one may; give this server a data directory of "
                + "its own (--data DIR)"
        case .noSpace(let path, let available, let needed):
            "\(path): \(available) bytes are free and \(needed) are kept free for the audit; make room"
        case .damaged(let path, let offset, let problem):
            "\(path): damaged at byte \(offset): \(problem). Run: hadal audit verify"
        case .cut(let path, let sequence, let found):
            "\(path): the trail was signed up to record \(sequence) and ends at \(found): records were removed, or an "
                + "old copy was put back. Restore the newest copy, or move the directory away to begin a new trail"
        case .unsupported(let path, let problem): "\(path): \(problem)"
        case .badKey(let path, let problem): "\(path): \(problem)"
        case .encrypted(let path): "\(path): it is encrypted; the key service (secrets.service) must be configured"
        case .secrets(let error): error.description
        case .tooLarge(let problem): problem
        case .closed: "the audit trail is closed"
        case .broken(let cause): "the audit trail failed earlier and must be opened again (restart): \(cause)"
        case .contentGone(let problem): problem
        }
    }

    private static func advice(on code: Int32) -> String {
        switch code {
        case ENOSPC, EDQUOT, EFBIG: ". Make room; no part of a record was left"
        case EACCES, EPERM: ". It must belong to the user that Hadal runs as"
        default: ""
        }
    }
}
