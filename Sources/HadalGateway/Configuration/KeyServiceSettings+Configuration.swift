import Foundation
import HadalConfiguration
import HadalSecrets

extension KeyServiceSettings {
    /// Nil where none is configured.
    public init?(_ settings: SecretsSettings) {
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
