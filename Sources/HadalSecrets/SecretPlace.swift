import Foundation

/// Where a secret is read from. A command line is no source: everybody on the machine can read it in the process list.
public enum SecretPlace: Sendable, Hashable {
    /// A file that is closed to everybody but its owner and group.
    case file(String)
    /// An environment variable. Child processes inherit it; a file or a credential is better.
    case environment(String)
    /// A credential that systemd hands over (`LoadCredential=`, `LoadCredentialEncrypted=`): a file of this name in
    /// `$CREDENTIALS_DIRECTORY`.
    case credential(String)

    /// A passphrase, PIN or token is longer by mistake only.
    private static let sizeLimit = 64 * 1024

    /// What errors call it.
    public var text: String {
        switch self {
        case .file(let path): path
        case .environment(let name): "the environment variable \(name)"
        case .credential(let name): "systemd's credential \(name)"
        }
    }

    /// Reads it now. One line break at the end of a file is not part of it.
    public func read(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(SecretsError) -> Secret {
        switch self {
        case .file(let path):
            // systemd has seen to who may read it; the mode of its files may name the group.
            let isCredential = environment["CREDENTIALS_DIRECTORY"].map { path.hasPrefix($0 + "/") } ?? false
            return try Self.read(path, mustBePrivate: !isCredential)
        case .environment(let name):
            guard let value = environment[name], !value.isEmpty else {
                throw .badSecret(source: text, problem: "it is not set or empty")
            }
            return Secret(value)
        case .credential(let name):
            guard let directory = environment["CREDENTIALS_DIRECTORY"] else {
                throw .badSecret(
                    source: text, problem: "CREDENTIALS_DIRECTORY is not set; is LoadCredential= in the unit?")
            }
            return try Self.read(directory + "/" + name, mustBePrivate: false)
        }
    }

    /// Whether something is there to be read.
    public func isPresent(environment: [String: String] = ProcessInfo.processInfo.environment) -> Bool {
        switch self {
        case .file(let path): access(path, F_OK) == 0
        case .environment(let name): environment[name]?.isEmpty == false
        case .credential(let name):
            environment["CREDENTIALS_DIRECTORY"].map { access($0 + "/" + name, F_OK) == 0 } ?? false
        }
    }

    private static func read(_ path: String, mustBePrivate: Bool) throws(SecretsError) -> Secret {
        let file = try OpenFile(path, O_RDONLY)
        let status = try file.status()
        guard status.st_mode & S_IFMT == S_IFREG || status.st_mode & S_IFMT == S_IFIFO else {
            throw .badSecret(source: path, problem: "it is not a file")
        }
        guard !mustBePrivate || status.st_mode & 0o007 == 0 else {
            throw .badSecret(source: path, problem: "everybody may read it; run: chmod o-rwx \(path)")
        }
        var bytes = try file.readToEnd(limit: sizeLimit)
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard !bytes.isEmpty else { throw .badSecret(source: path, problem: "it is empty") }
        return Secret(bytes)
    }
}
