import Foundation

/// Why something cannot be encrypted, decrypted or kept secret. Texts name the file and the place and say what to do
/// next; no case carries a secret.
public enum SecretsError: Error, Sendable, Hashable {
    /// The system refused; `code` is errno.
    case system(path: String, operation: String, code: Int32)
    /// The file does not begin like one of ours.
    case notEncrypted(path: String)
    /// It is ours, but of another kind or a later version.
    case unsupported(path: String, problem: String)
    /// Bytes are not those that were written. `part` and `offset` (in bytes) say where.
    case damaged(path: String, part: String, offset: UInt64)
    /// All there is is right, but the end is missing.
    case incomplete(path: String, size: UInt64)
    /// The file was written for another place than it stands in.
    case otherContext(path: String, found: String, wanted: String)
    /// No key of this id is in the table.
    case unknownDataKey(path: String, id: String, table: String)
    /// A wrapped key does not open: it was changed, or another master key made it.
    case keyDoesNotOpen(service: String, context: String, problem: String)
    /// The passphrase is not the one the file was made with; the file itself is whole.
    case wrongPassphrase(path: String)
    /// A passphrase, PIN or token cannot be read or is unfit.
    case badSecret(source: String, problem: String)
    case alreadyExists(path: String)
    /// Another process writes it.
    case busy(path: String)
    /// There is nothing yet; `hadal secrets init` makes it.
    case notSetUp(path: String)
    case badSettings(problem: String)
    /// Nobody answers, or not in time.
    case serviceUnreachable(service: String, problem: String)
    /// It answers, and says no: PIN, token, policy.
    case serviceRefuses(service: String, problem: String)
    /// Vault or OpenBao waits for its operators.
    case serviceSealed(service: String)
    /// It answers with something else.
    case serviceFails(service: String, problem: String)
    /// More data than a key or format carries.
    case tooLarge(path: String, problem: String)
}

extension SecretsError: CustomStringConvertible, LocalizedError {
    public var errorDescription: String? { description }

    public var description: String {
        switch self {
        case .system(let path, let operation, let code):
            "\(path): cannot \(operation): \(String(cString: strerror(code)))\(Self.advice(on: code))"
        case .notEncrypted(let path):
            "\(path): not a file that Hadal encrypted (it does not begin with HADALENC)"
        case .unsupported(let path, let problem): "\(path): \(problem)"
        case .damaged(let path, let part, let offset):
            "\(path): damaged at byte \(offset) (\(part)): the bytes are not those that were written. "
                + "Restore the file from a backup; nothing of the damaged part was used"
        case .incomplete(let path, let size):
            "\(path): cut off after \(size) bytes: what is there is right, the rest is missing. "
                + "Copy the file again or restore it from a backup"
        case .otherContext(let path, let found, let wanted):
            "\(path): this file was written as '\(found)', not as '\(wanted)'; somebody has exchanged or renamed files"
        case .unknownDataKey(let path, let id, let table):
            "\(path): its data key \(id) is not in \(table); restore the \(table) that belongs to this file"
        case .keyDoesNotOpen(let service, let context, let problem):
            "the key '\(context)' does not open with the key service '\(service)': \(problem). It was changed, "
                + "or wrapped by another master key; restore it from a backup, or use the service it was made with"
        case .wrongPassphrase(let path):
            "\(path): wrong passphrase (the file itself is whole)"
        case .badSecret(let source, let problem): "\(source): \(problem)"
        case .alreadyExists(let path): "\(path): it exists already and is not replaced"
        case .busy(let path): "\(path): another process writes it; try again when that has ended"
        case .notSetUp(let path): "\(path): there is none; run: hadal secrets init"
        case .badSettings(let problem): problem
        case .serviceUnreachable(let service, let problem):
            "the key service '\(service)' does not answer: \(problem). Data that is open stays open; "
                + "a start and a rotation need the service"
        case .serviceRefuses(let service, let problem): "the key service '\(service)' refuses: \(problem)"
        case .serviceSealed(let service):
            "the key service '\(service)' is sealed; its operators must unseal it (bao operator unseal)"
        case .serviceFails(let service, let problem): "the key service '\(service)' failed: \(problem)"
        case .tooLarge(let path, let problem): "\(path): \(problem)"
        }
    }

    private static func advice(on code: Int32) -> String {
        switch code {
        case ENOSPC, EDQUOT, EFBIG: ". Make room and try again; a file that was there before is unchanged"
        case EACCES, EPERM: ". It must belong to the user that Hadal runs as"
        default: ""
        }
    }
}
