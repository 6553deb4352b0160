import ArgumentParser
import Foundation
import HadalConfiguration
import HadalGateway
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
        @OptionGroup var data: DataOption
        @Flag(help: "Ask for the passphrase instead of reading it where the configuration says.") var askPassphrase =
            false

        /// The data directory and the key service.
        func load() throws -> (directory: String, settings: KeyServiceSettings) {
            let settings = try data.settings()
            guard !askPassphrase else { return (settings.data, .passphrase(nil)) }
            guard let service = KeyServiceSettings(settings.secrets) else {
                throw CommandFailure(
                    "no key service is configured; write 'service: passphrase' (or pkcs11, vault) under 'secrets:' in the "
                        + "configuration (--config FILE or HADAL_CONFIG), or give --ask-passphrase")
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
                path: KeyServiceSettings.masterKeyFile(in: directory),
                passphrase: Secret(try SecretPrompt.ask("Passphrase: ", advice: Self.advice)))
        }

        func askNewPassphrase() throws -> Secret {
            Secret(try SecretPrompt.askTwice("New passphrase: ", advice: Self.advice))
        }

        private static let advice = "leave out --ask-passphrase"
    }
}
