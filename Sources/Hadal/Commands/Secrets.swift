import ArgumentParser
import Foundation
import HadalConfiguration
import HadalJSON
import HadalSecrets
import HadalTerminal

struct Secrets: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Encrypt what is stored, and rotate the keys for it.",
        discussion: """
            Who keeps the master key is configured under 'secrets' (docs/data-at-rest.md): a passphrase, a PKCS #11
            token, or the transit engine of Vault or OpenBao. Passphrases, PINs and tokens are read from files or the
            environment, never from the command line.

            Examples:
              hadal secrets init --config /etc/hadal/hadal.yaml
              hadal secrets status
              hadal secrets rotate
            """,
        subcommands: [Initialize.self, Status.self, Rotate.self, Encrypt.self, Decrypt.self])

    /// Options of every command that needs keys.
    struct Options: ParsableArguments {
        @Option(help: "The configuration. Default: what HADAL_CONFIG names.") var config: String?
        @Option(help: "The data directory. Default: the configuration's.") var data: String?
        @Flag(help: "Ask for the passphrase instead of reading it where the configuration says.") var askPassphrase =
            false

        /// The data directory and the key service.
        func load() throws -> (directory: String, settings: KeyServiceSettings) {
            let overrides = data.map { [SettingOverride("data", $0, option: "--data")] } ?? []
            let settings: HadalSettings
            do throws(ConfigurationError) {
                settings = try ConfigurationLoader.load(
                    file: config, environment: ProcessInfo.processInfo.environment, overrides: overrides
                ).settings
            } catch {
                throw CommandFailure("the configuration cannot be used:\n\(error)")
            }
            guard !askPassphrase else { return (settings.data, .passphrase(nil)) }
            guard let service = KeyServiceSettings(settings.secrets) else {
                throw CommandFailure(
                    "no key service is configured; write 'service: passphrase' (or pkcs11, vault) under 'secrets:', "
                        + "or give --ask-passphrase")
            }
            return (settings.data, service)
        }

        func openKeys() async throws -> DataKeys {
            let (directory, settings) = try load()
            return try await DataKeys.open(in: directory, service: try await open(settings, in: directory))
        }

        func open(_ settings: KeyServiceSettings, in directory: String) async throws -> any KeyService {
            guard askPassphrase else { return try await settings.open(in: directory) }
            return try PassphraseKeyService.open(
                path: KeyServiceSettings.masterKeyFile(in: directory), passphrase: try PassphrasePrompt.ask())
        }
    }
}

extension KeyServiceSettings {
    /// Nil where none is configured.
    init?(_ settings: SecretsSettings) {
        switch settings.service {
        case .none: return nil
        case .passphrase: self = .passphrase(SecretPlace(settings.passphrase))
        case .pkcs11:
            guard let module = settings.pkcs11.module, let token = settings.pkcs11.token, let key = settings.pkcs11.key
            else { return nil }
            self = .pkcs11(.init(module: module, token: token, key: key, pin: SecretPlace(settings.pkcs11.pin)))
        case .vault:
            let vault = settings.vault
            guard let address = vault.address, let key = vault.key, let token = SecretPlace(vault.token) else {
                return nil
            }
            self = .vault(
                .init(
                    address: address.absoluteString, mount: vault.mount, key: key, token: token,
                    namespace: vault.namespace, certificateAuthorities: vault.ca))
        }
    }
}

extension SecretPlace {
    /// Nil where the configuration names none.
    init?(_ source: SecretSource) {
        if let name = source.environmentVariable {
            self = .environment(name)
        } else if let file = source.file {
            self = .file(file)
        } else {
            return nil
        }
    }
}

/// Asks at the terminal, and nowhere else, without showing what is typed.
enum PassphrasePrompt {
    static func ask(_ prompt: String = "Passphrase: ") throws -> Secret {
        // getpass(3) reads from /dev/tty; where there is none it would read standard input.
        guard Terminal.standardInput.isTerminal, let typed = getpass(prompt) else {
            throw CommandFailure("there is no terminal to ask for the passphrase; leave out --ask-passphrase")
        }
        defer { memset(typed, 0, strlen(typed)) }
        return Secret(UnsafeRawBufferPointer(start: typed, count: strlen(typed)))
    }

    static func askTwice() throws -> Secret {
        let first = try ask("New passphrase: ")
        guard try ask("Again: ") == first else { throw CommandFailure("the two are not the same; nothing was done") }
        return first
    }
}
