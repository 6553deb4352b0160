import Crypto
import Foundation
import Synchronization

/// Master keys in a file (`MasterKeyFile`) that a passphrase opens. Needs nobody else; as good as the passphrase.
public final class PassphraseKeyService: KeyService {
    public let name = "passphrase"
    /// Shorter ones are refused where they are chosen.
    public static let minimumPassphrase = 12

    private struct State: Sendable {
        var file: MasterKeyFile
        /// By version, from 1.
        var keys: [SymmetricKey]
        var passphrase: PassphraseKey
    }

    private let path: String
    private let state: Mutex<State>

    private init(path: String, state: State) {
        self.path = path
        self.state = Mutex(state)
    }

    /// Makes the file with a first master key.
    public static func create(
        path: String, passphrase: Secret, cost: ScryptCost = .standard, now: Date = Date()
    ) throws(SecretsError) -> PassphraseKeyService {
        guard access(path, F_OK) != 0 else { throw .alreadyExists(path: path) }
        var state = try empty(path: path, passphrase: passphrase, cost: cost)
        try add(to: &state, now: now)
        try state.file.write(authenticatedBy: state.passphrase.authentication, replacing: false)
        return PassphraseKeyService(path: path, state: state)
    }

    public static func open(path: String, passphrase: Secret) throws(SecretsError) -> PassphraseKeyService {
        let (file, mac, body) = try MasterKeyFile.read(path)
        let key = try PassphraseKey(passphrase, salt: file.salt, cost: file.cost)
        guard HMAC<SHA256>.isValidAuthenticationCode(mac, authenticating: body, using: key.authentication) else {
            throw .wrongPassphrase(path: path)
        }
        return PassphraseKeyService(path: path, state: try state(file, key))
    }

    public func currentVersion() throws(SecretsError) -> Int { try fresh().keys.count }

    public func wrap(_ key: SymmetricKey, context: String) throws(SecretsError) -> WrappedKey {
        let state = try fresh()
        return WrappedKey(
            service: name, version: state.keys.count,
            bytes: try KeySealing.seal(key, with: state.keys[state.keys.count - 1], context: context))
    }

    public func unwrap(_ wrapped: WrappedKey, context: String) throws(SecretsError) -> SymmetricKey {
        try check(wrapped, context: context)
        let keys = try fresh().keys
        guard keys.indices.contains(wrapped.version - 1) else {
            throw .keyDoesNotOpen(
                service: name, context: context,
                problem: "\(path) has no master key \(wrapped.version), only 1 to \(keys.count)")
        }
        guard let key = KeySealing.open(wrapped.bytes, with: keys[wrapped.version - 1], context: context) else {
            throw .keyDoesNotOpen(service: name, context: context, problem: "its tag is wrong")
        }
        return key
    }

    public func rotate() throws(SecretsError) -> Int { try rotate(now: Date()) }

    func rotate(now: Date) throws(SecretsError) -> Int {
        try change { state throws(SecretsError) in try Self.add(to: &state, now: now) }
        return try currentVersion()
    }

    /// The same master keys under another passphrase.
    public func changePassphrase(to passphrase: Secret, cost: ScryptCost = .standard) throws(SecretsError) {
        let path = path
        try change { state throws(SecretsError) in
            var new = try Self.empty(path: path, passphrase: passphrase, cost: cost)
            for (entry, key) in zip(state.file.entries, state.keys) {
                new.file.entries.append(
                    .init(
                        version: entry.version, created: entry.created,
                        sealed: try new.passphrase.seal(key, version: entry.version)))
            }
            new.keys = state.keys
            state = new
        }
    }

    /// The state of the file as it is now: a command may have rotated it.
    private func fresh() throws(SecretsError) -> State {
        let path = path
        return try state.withLock { state throws(SecretsError) in
            let (file, mac, body) = try MasterKeyFile.read(path)
            guard body != state.file.bytes else { return state }
            // The key is derived again only where the passphrase was changed, and then this one no longer opens the
            // file.
            guard file.salt == state.file.salt,
                HMAC<SHA256>.isValidAuthenticationCode(
                    mac, authenticating: body, using: state.passphrase.authentication)
            else { throw .wrongPassphrase(path: path) }
            state = try Self.state(file, state.passphrase)
            return state
        }
    }

    /// Changes the file as a whole, one process at a time.
    private func change(_ body: (inout State) throws(SecretsError) -> Void) throws(SecretsError) {
        let lock = try OpenFile(path + ".lock", O_RDWR | O_CREAT)
        try lock.lock(waits: true)
        var new = try fresh()
        try body(&new)
        try new.file.write(authenticatedBy: new.passphrase.authentication, replacing: true)
        state.withLock { $0 = new }
    }

    private static func state(_ file: MasterKeyFile, _ key: PassphraseKey) throws(SecretsError) -> State {
        var keys: [SymmetricKey] = []
        for entry in file.entries { keys.append(try key.open(entry, path: file.path)) }
        return State(file: file, keys: keys, passphrase: key)
    }

    private static func empty(
        path: String, passphrase: Secret, cost: ScryptCost
    ) throws(SecretsError) -> State {
        guard passphrase.count >= minimumPassphrase else {
            throw .badSecret(
                source: "the passphrase",
                problem: "it has fewer than \(minimumPassphrase) characters; openssl rand -base64 24 makes a good one")
        }
        guard cost.isAcceptable else { throw .badSettings(problem: "scrypt's cost is out of bounds") }
        let salt = SymmetricKey(size: .bits256).bytes()
        return State(
            file: MasterKeyFile(path: path, cost: cost, salt: salt, entries: []), keys: [],
            passphrase: try PassphraseKey(passphrase, salt: salt, cost: cost))
    }

    private static func add(to state: inout State, now: Date) throws(SecretsError) {
        let key = SymmetricKey(size: .bits256)
        let version = state.keys.count + 1
        state.file.entries.append(
            .init(
                version: version, created: now.ISO8601Format(),
                sealed: try state.passphrase.seal(key, version: version)))
        state.keys.append(key)
    }
}

extension PassphraseKeyService: CustomStringConvertible, CustomReflectable {
    public var description: String { "passphrase-protected master keys in \(path)" }
    public var customMirror: Mirror { Mirror(self, children: ["path": path]) }
}
