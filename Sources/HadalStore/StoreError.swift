import Foundation

/// Why something cannot be done with the store, and what to do.
public enum StoreError: Error, Sendable, Hashable {
    /// A name, of a model, a file or a tag, that cannot be one.
    case badName(kind: String, name: String, problem: String)
    case noModel(reference: String, store: String)
    /// - choices: references that name one each.
    case severalModels(reference: String, choices: [String])
    case badFile(path: String, field: String, problem: String)
    /// A version of the file's format that this program does not know.
    case newerFormat(path: String, version: Int)
    case noSpace(directory: String, needed: Int64, free: Int64)
    /// A model was to be entered whose file is not there.
    case missingBlob(file: String, digest: String)
    /// A file that was found to be another than its model's, or is gone.
    case damagedFile(model: String, file: String)
    case tagTaken(tag: String, by: String)
    /// A model or a file that another process brings in.
    case busy(name: String)
    /// A pull that a process is at.
    case pullRuns(name: String)
    /// A file of the store that is encrypted, or is to be, and the keys do not do it.
    case encrypted(path: String, problem: String)
    /// A file that would lie in plain, and is another's that is encrypted.
    case encryptedElsewhere(file: String, model: String)
    /// An encrypted file of the store whose bytes are not those that were written.
    case unopened(path: String, problem: String)
    case system(path: String, operation: String, code: Int32)
}

extension StoreError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .badName(let kind, let name, let problem): "\(kind) '\(Self.shown(name))' \(problem)"
        case .noModel(let reference, let store):
            "there is no model '\(Self.shown(reference))' in \(store); hadal models lists what is there"
        case .severalModels(let reference, let choices):
            "'\(Self.shown(reference))' names several models; say which: \(choices.joined(separator: ", "))"
        case .badFile(let path, let field, let problem):
            "\(path): \(field): \(problem); pull the model again, or remove this file"
        case .newerFormat(let path, let version):
            "\(path) has format \(version), which a newer hadal wrote; use that one"
        case .noSpace(let directory, let needed, let free):
            "\(directory) has \(ByteCount.text(free)) free, and \(ByteCount.text(needed)) are needed (30 % more "
                + "than what is still to come); make room (hadal models rm), or use another disk (--store DIR or HADAL_STORE)"
        case .missingBlob(let file, let digest):
            "\(file) (\(digest)) is no longer in the store: another process removed it; pull the model again"
        case .damagedFile(let model, let file):
            "\(model): \(file) is damaged; hadal verify --repair, or pull the model again"
        case .tagTaken(let tag, let model):
            "the tag \(tag) is \(model)'s; --move gives it to another model"
        case .busy(let name): "another process is at \(Self.shown(name)); let it finish, then try again"
        case .pullRuns(let name): "\(name) is being pulled by another process; end that first"
        case .encrypted(let path, let problem): "\(path) is encrypted, or is to be: \(problem)"
        case .encryptedElsewhere(let file, let model):
            "\(file) is \(model)'s too, which is encrypted; decrypt that as well (hadal models decrypt MODEL MODEL)"
        case .unopened(let path, let problem): "\(path) does not open: \(problem)"
        case .system(let path, let operation, let code):
            "cannot \(operation) \(path): \(String(cString: strerror(code)))" + Self.advice(code)
        }
    }

    static let noKeys =
        "its keys are not at hand; name the configuration with the key service (--config FILE or HADAL_CONFIG)"

    private static func advice(_ code: Int32) -> String {
        switch code {
        case ENOSPC, EDQUOT: "; make room (hadal models rm), or use another disk (--store DIR or HADAL_STORE)"
        case EACCES, EPERM, EROFS: "; give this user the right to write there, or use another directory (--store DIR)"
        default: ""
        }
    }

    /// What others wrote, in one line.
    static func shown(_ text: String) -> String {
        let line = text.unicodeScalars.prefix(120).map { $0.properties.generalCategory == .control ? "?" : String($0) }
        return line.joined() + (text.unicodeScalars.count > 120 ? "…" : "")
    }
}
