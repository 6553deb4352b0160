import HadalAccess
import HadalSecrets

extension AuditSeal {
    /// Reads whatever is sealed, and seals new rows where the purpose `audit` is encrypted.
    public init(_ encryption: EncryptionAtRest) {
        let keys = encryption.keys
        self.init(seal: nil) { sealed, context in try SealedValue.open(sealed, keys: keys, context: context) }
        guard encryption.keys(for: .audit) != nil else { return }
        seal = { value, context in
            try SealedValue.seal(value, keys: keys, purpose: .audit, context: context)
        }
    }
}
