import Crypto
import Foundation
import HadalJSON
import HadalSecrets

/// The private key that signs checkpoints, in `DATA/audit/signing.key`: sealed where there is a key service, else in
/// plain, readable by its owner alone. With it lies its line of `DATA/audit/keys`, so that a crash between the two
/// files loses nothing.
struct SigningKey: Sendable {
    private static let format = "hadal audit signing key 1"
    private static let context = "audit/signing.key"

    let key: Curve25519.Signing.PrivateKey
    let entry: KeyHistory.Entry

    var id: AuditKeyID { entry.id }
    var trail: String { entry.trail }

    /// A new one, signed by the one before.
    static func make(
        trail: String, after signer: SigningKey?, time: Int64, path: String
    ) throws(AuditError) -> SigningKey {
        let key = Curve25519.Signing.PrivateKey()
        return SigningKey(
            key: key, entry: try .make(key, trail: trail, signer: signer, time: time, path: path))
    }

    func write(to path: String, keys: DataKeys?) throws(AuditError) {
        let bytes = Array(key.rawRepresentation)
        var writer = CanonicalWriter()
        writer.member("entry", entry.statement.line)
        writer.member("format", Self.format)
        if let keys {
            do throws(SecretsError) {
                writer.member(
                    "sealed", try SealedValue.seal(bytes, keys: keys, purpose: .audit, context: Self.context).base64)
            } catch {
                throw .secrets(error)
            }
        } else {
            writer.member("private_key", bytes.base64)
        }
        try SmallFile.write(writer.finish(), to: path)
    }

    /// Nil where there is none.
    static func read(_ path: String, keys: DataKeys?) throws(AuditError) -> SigningKey? {
        guard let bytes = try SmallFile.read(path) else { return nil }
        guard let json = try? JSON(parsing: bytes), json["format"]?.string == format,
            let entry = json["entry"]?.string.flatMap({ SignedStatement(line: $0) }).flatMap(KeyHistory.Entry.init)
        else { throw .badKey(path: path, problem: "not a signing key of an audit trail; restore it from a backup") }
        var raw = json["private_key"]?.string.flatMap { Data(base64Encoded: $0) }.map { Array($0) }
        if let sealed = json["sealed"]?.string.flatMap({ Data(base64Encoded: $0) }) {
            guard let keys else { throw .encrypted(path: path) }
            do throws(SecretsError) {
                raw = try SealedValue.open(Array(sealed), keys: keys, context: context)
            } catch {
                throw .secrets(error)
            }
        }
        guard let raw, let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: raw),
            AuditKeyID(key.publicKey) == entry.id
        else { throw .badKey(path: path, problem: "the private key does not belong to its public key") }
        return SigningKey(key: key, entry: entry)
    }
}
