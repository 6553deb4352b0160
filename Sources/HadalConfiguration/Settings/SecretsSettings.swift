import Foundation

/// Encryption of what is stored, and who keeps the key for it.
public struct SecretsSettings: SettingsSection {
    public enum Service: String, CaseIterable, Sendable, Hashable { case none, passphrase, pkcs11, vault }
    /// What is encrypted when it is written.
    public enum Purpose: String, CaseIterable, Sendable, Hashable { case models, audit, knowledge, conversations }

    public var service = Service.none
    public var passphrase = SecretSource()
    public var pkcs11 = PKCS11()
    public var vault = Vault()
    public var encrypt: [Purpose] = []

    public init() {}

    static let entries: [Entry<SecretsSettings>] = [
        .setting(
            "service", \.service, .choice, .restart,
            "Who wraps the keys that data are encrypted with: a file in the data directory protected by a passphrase, a "
                + "PKCS#11 token (HSM), or the transit engine of Vault or OpenBao."),
        .secret("passphrase", \.passphrase.file, \.passphrase.environmentVariable, .restart, "the passphrase"),
        .group("pkcs11", \.pkcs11),
        .group("vault", \.vault),
        .setting(
            "encrypt", \.encrypt, .list(of: .choice), .restart,
            "What is encrypted where it is stored: conversations (files, batches, variants of models, cached "
                + "prefixes), audit (the record of acts). Of knowledge nothing is kept yet; model files are encrypted "
                + "with 'hadal secrets encrypt'. What is there already stays as it is and can be read."),
    ]

    func check(_ findings: inout Findings) {
        if service == .passphrase { findings.need(passphrase, "passphrase", for: "service passphrase") }
        if service == .pkcs11 {
            findings.need(pkcs11.pin, "pkcs11.pin", for: "service pkcs11")
            for (key, value) in [("module", pkcs11.module), ("token", pkcs11.token), ("key", pkcs11.key)]
            where value == nil {
                findings.add("pkcs11.\(key)", "service pkcs11 needs it", "write '\(key): …' under 'pkcs11:'")
            }
        }
        if service == .vault {
            findings.need(vault.token, "vault.token", for: "service vault")
            for (key, isThere) in [("address", vault.address != nil), ("key", vault.key != nil)] where !isThere {
                findings.add("vault.\(key)", "service vault needs it", "write '\(key): …' under 'vault:'")
            }
        }
        if service == .none, !encrypt.isEmpty {
            findings.add(
                "encrypt", "nobody keeps the key", "write 'service: passphrase', 'service: pkcs11' or 'service: vault'")
        }
    }

    public struct PKCS11: SettingsSection {
        public var module: String?
        public var token: String?
        public var pin = SecretSource()
        public var key: String?

        public init() {}

        static let entries: [Entry<PKCS11>] = [
            .setting(
                "module", \.module, .optional(.path(example: "/usr/lib/softhsm/libsofthsm2.so")), .restart,
                "The library of the token's maker."),
            .setting(
                "token", \.token, .optional(.text("label", example: "hadal")), .restart, "The token's label."),
            .secret("pin", \.pin.file, \.pin.environmentVariable, .restart, "the token's user PIN"),
            .setting(
                "key", \.key, .optional(.text("label", example: "hadal-data")), .restart,
                "The label of the key on the token that wraps ours."),
        ]
    }

    public struct Vault: SettingsSection {
        public var address: URL?
        public var mount = "transit"
        public var key: String?
        public var token = SecretSource()
        public var namespace: String?
        public var ca: String?

        public init() {}

        static let entries: [Entry<Vault>] = [
            .setting(
                "address", \.address, .optional(.url(example: "https://vault.example.org:8200")), .restart,
                "The server's address."),
            .setting(
                "mount", \.mount, .word("path", example: "transit") { !$0.isWhitespace }, .restart,
                "Where its transit engine is mounted."),
            .setting(
                "key", \.key, .optional(.word("name", example: "hadal") { !$0.isWhitespace }), .restart,
                "The name of the key there that wraps ours."),
            .secret("token", \.token.file, \.token.environmentVariable, .restart, "the token that may use the key"),
            .setting(
                "namespace", \.namespace, .optional(.word("namespace", example: "team-a") { !$0.isWhitespace }),
                .restart, "The namespace, where the server has them."),
            .setting(
                "ca", \.ca, .optional(.path(example: "/etc/hadal/vault-ca.pem")), .restart,
                shownDefault: "those the system trusts", "CA certificates, as PEM, that the server's must come from."),
        ]
    }
}
