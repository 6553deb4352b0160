import Crypto
import Foundation
import HadalPKCS11

/// Master keys in a token (HSM, smart card, SoftHSM) that are used there and never leave it.
///
/// A token's keys of one label are the versions of one master key, counted by CKA_ID. AES keys wrap with AES-GCM, RSA
/// keys with OAEP. A wrapped key begins with a byte that says which: 1 AES-GCM (nonce of 12 bytes, key, tag), 2 OAEP
/// with SHA-256, 3 OAEP with SHA-1.
public final class PKCS11KeyService: KeyService {
    public struct Settings: Sendable, Hashable {
        /// The module's path, such as `/usr/lib/softhsm/libsofthsm2.so`.
        public var module: String
        /// The token's label.
        public var token: String
        /// The label of the master keys.
        public var key: String
        /// Where the user's PIN is read from; nil for tokens that want none.
        public var pin: SecretPlace?

        public init(module: String, token: String, key: String = "hadal", pin: SecretPlace?) {
            self.module = module
            self.token = token
            self.key = key
            self.pin = pin
        }
    }

    private static let gcmMark: UInt8 = 1

    public let name = "pkcs11"
    private let settings: Settings
    private let queue: SessionQueue

    /// Logs in.
    public static func open(_ settings: Settings) async throws(SecretsError) -> PKCS11KeyService {
        let service = PKCS11KeyService(settings, try PKCS11Module.load(settings.module), pin: try settings.pin?.read())
        _ = try await service.queue.run { session throws(PKCS11Failure) in try session.masterKeys(label: settings.key) }
        return service
    }

    private init(_ settings: Settings, _ module: PKCS11Module, pin: Secret?) {
        self.settings = settings
        queue = SessionQueue(module: module, settings: settings, pin: pin)
    }

    /// Whether there is a master key yet.
    public func hasKey() async throws(SecretsError) -> Bool { try await !masterKeys().isEmpty }

    public func currentVersion() async throws(SecretsError) -> Int { try await newest().version }

    public func wrap(_ key: SymmetricKey, context: String) async throws(SecretsError) -> WrappedKey {
        let master = try await newest()
        let bytes = try await queue.run { session throws(PKCS11Failure) in
            switch master.kind {
            case .aes:
                let nonce = Array(AES.GCM.Nonce())
                let mechanism = PKCS11Mechanism.gcm(nonce: nonce, associated: Array(context.utf8))
                return [Self.gcmMark] + nonce
                    + (try session.encrypt(key.bytes(), key: master.key, mechanism: mechanism))
            case .rsa:
                let data = BoundKey.pack(key, context: context).bytes()
                let publicKey = master.publicKey ?? master.key
                do throws(PKCS11Failure) {
                    return try Self.wrap(data, .sha256, with: publicKey, in: session)
                } catch  where error.isAboutMechanism {
                    return try Self.wrap(data, .sha1, with: publicKey, in: session)
                }
            }
        }
        return WrappedKey(service: name, version: master.version, bytes: bytes)
    }

    public func unwrap(_ wrapped: WrappedKey, context: String) async throws(SecretsError) -> SymmetricKey {
        try check(wrapped, context: context)
        guard let master = try await masterKeys().first(where: { $0.version == wrapped.version }) else {
            throw .keyDoesNotOpen(
                service: name, context: context,
                problem: "the token '\(settings.token)' has no key '\(settings.key)' with the id \(wrapped.version)")
        }
        let bytes = wrapped.bytes
        let mechanism: PKCS11Mechanism
        let sealed: [UInt8]
        switch (bytes.first, master.kind) {
        case (Self.gcmMark, .aes) where bytes.count > 13:
            mechanism = .gcm(nonce: Array(bytes[1..<13]), associated: Array(context.utf8))
            sealed = Array(bytes[13...])
        case (PKCS11Mechanism.OAEPHash.sha256.rawValue, .rsa):
            mechanism = .oaep(.sha256)
            sealed = Array(bytes[1...])
        case (PKCS11Mechanism.OAEPHash.sha1.rawValue, .rsa):
            mechanism = .oaep(.sha1)
            sealed = Array(bytes[1...])
        default:
            throw .keyDoesNotOpen(service: name, context: context, problem: "it is not what this key makes")
        }
        let secret: Secret? = try await queue.run { session throws(PKCS11Failure) in
            do throws(PKCS11Failure) {
                return try session.decrypt(sealed, key: master.key, mechanism: mechanism)
            } catch  where error.isAboutData {
                return nil
            }
        }
        guard let secret else {
            throw .keyDoesNotOpen(service: name, context: context, problem: "the token cannot decrypt it")
        }
        if master.kind == .rsa { return try BoundKey.unpack(secret, context: context, service: name) }
        guard secret.count == BoundKey.keySize else {
            throw .keyDoesNotOpen(service: name, context: context, problem: "it is no key of 256 bits")
        }
        return SymmetricKey(data: secret.bytes())
    }

    /// Makes a key of the newest one's kind; an AES key where there is none yet.
    public func rotate() async throws(SecretsError) -> Int {
        let newest = try await masterKeys().last
        let version = (newest?.version ?? 0) + 1
        let label = settings.key
        try await queue.run(writes: true) { session throws(PKCS11Failure) in
            try session.makeKey(newest?.kind ?? .aes, label: label, version: version)
        }
        return version
    }

    private static func wrap(
        _ data: [UInt8], _ hash: PKCS11Mechanism.OAEPHash, with key: CK_OBJECT_HANDLE, in session: PKCS11Session
    ) throws(PKCS11Failure) -> [UInt8] {
        [hash.rawValue] + (try session.encrypt(data, key: key, mechanism: .oaep(hash)))
    }

    private func newest() async throws(SecretsError) -> PKCS11Session.MasterKey {
        guard let key = try await masterKeys().last else {
            throw .badSettings(
                problem: "the token '\(settings.token)' has no AES or RSA key '\(settings.key)' whose id is a number; "
                    + "hadal secrets init makes one")
        }
        return key
    }

    private func masterKeys() async throws(SecretsError) -> [PKCS11Session.MasterKey] {
        let label = settings.key
        let keys = try await queue.run { session throws(PKCS11Failure) in try session.masterKeys(label: label) }
        for (key, next) in zip(keys, keys.dropFirst()) where key.version == next.version {
            throw .badSettings(
                problem: "the token '\(settings.token)' has two keys '\(label)' with the id \(key.version); "
                    + "give each its own")
        }
        return keys
    }
}

extension PKCS11KeyService: CustomStringConvertible, CustomReflectable {
    public var description: String { "key '\(settings.key)' in the PKCS #11 token '\(settings.token)'" }
    public var customMirror: Mirror { Mirror(self, children: ["token": settings.token, "key": settings.key]) }
}
