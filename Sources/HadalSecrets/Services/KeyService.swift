import Crypto

/// A data key as a key service gave it back: of no use without the service.
public struct WrappedKey: Sendable, Hashable {
    /// `KeyService.name` of who wrapped it.
    public var service: String
    /// Of the master key.
    public var version: Int
    public var bytes: [UInt8]

    public init(service: String, version: Int, bytes: [UInt8]) {
        self.service = service
        self.version = version
        self.bytes = bytes
    }
}

/// Who holds the master keys. They wrap data keys and never touch data.
///
/// `context` says what a key is for. A wrapped key opens only with the context it was wrapped with, so that nobody can
/// put one key in the place of another.
public protocol KeyService: Sendable {
    /// `passphrase`, `pkcs11` or `vault`.
    var name: String { get }

    /// The version of the master key that `wrap` uses now.
    func currentVersion() async throws(SecretsError) -> Int

    func wrap(_ key: SymmetricKey, context: String) async throws(SecretsError) -> WrappedKey

    func unwrap(_ wrapped: WrappedKey, context: String) async throws(SecretsError) -> SymmetricKey

    /// The same key under the newest master key.
    func rewrap(_ wrapped: WrappedKey, context: String) async throws(SecretsError) -> WrappedKey

    /// Makes a new version of the master key. Keys wrapped by older versions still open.
    /// - Returns: the new version.
    func rotate() async throws(SecretsError) -> Int
}

extension KeyService {
    /// For services that cannot do it inside: the key comes out and goes back in.
    public func rewrap(_ wrapped: WrappedKey, context: String) async throws(SecretsError) -> WrappedKey {
        try await wrap(try await unwrap(wrapped, context: context), context: context)
    }

    /// Throws where another service made the key: its bytes would mean something else.
    func check(_ wrapped: WrappedKey, context: String) throws(SecretsError) {
        guard wrapped.service == name else {
            throw .keyDoesNotOpen(
                service: name, context: context, problem: "the service '\(wrapped.service)' wrapped it")
        }
    }
}
