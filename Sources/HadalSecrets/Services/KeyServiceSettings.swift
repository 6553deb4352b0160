import Foundation

/// Which key service there is and how to reach it. Nothing in it is secret: of PINs and tokens it says where they are
/// read.
public enum KeyServiceSettings: Sendable, Hashable {
    /// Master keys in `DATA/master.key`. Without a source the passphrase is looked for in `defaultPassphraseSources`.
    case passphrase(SecretPlace?)
    case pkcs11(PKCS11KeyService.Settings)
    case vault(TransitSettings)

    /// Tried in this order: the first that is there counts.
    public static let defaultPassphraseSources: [SecretPlace] = [
        .credential("hadal-passphrase"), .environment("HADAL_PASSPHRASE"),
    ]

    /// Where `PassphraseKeyService` keeps its keys.
    public static func masterKeyFile(in directory: String) -> String { directory + "/master.key" }

    /// `KeyService.name`.
    public var name: String {
        switch self {
        case .passphrase: "passphrase"
        case .pkcs11: "pkcs11"
        case .vault: "vault"
        }
    }

    /// - Parameters:
    ///   - directory: DATA.
    ///   - ask: gives the passphrase where no source has it, for a command at a terminal.
    public func open(
        in directory: String, ask: (@Sendable () throws(SecretsError) -> Secret)? = nil
    ) async throws(SecretsError) -> any KeyService {
        switch self {
        case .passphrase(let source):
            let passphrase = try Self.passphrase(source, ask: ask)
            return try PassphraseKeyService.open(
                path: Self.masterKeyFile(in: directory), passphrase: passphrase)
        case .pkcs11(let settings): return try await PKCS11KeyService.open(settings)
        case .vault(let settings): return try await TransitKeyService.open(settings)
        }
    }

    /// The passphrase from the source, the default sources, or whoever is asked.
    public static func passphrase(
        _ source: SecretPlace?, ask: (@Sendable () throws(SecretsError) -> Secret)? = nil
    ) throws(SecretsError) -> Secret {
        if let found = source ?? defaultPassphraseSources.first(where: { $0.isPresent() }) { return try found.read() }
        if let ask { return try ask() }
        throw .badSecret(
            source: "the passphrase",
            problem:
                "it is nowhere: neither in a configured file (secrets.passphrase_file), nor in systemd's credential "
                + "hadal-passphrase, nor in HADAL_PASSPHRASE")
    }
}
