import Crypto
import Foundation
import HadalJSON

/// The transit engine of Vault or OpenBao: the server encrypts data keys with a key that never leaves it.
///
/// The context is encrypted with the key (`BoundKey`) rather than given as `associated_data`: the server's `rewrap`
/// knows none, and a rewrap keeps data keys inside the server.
public struct TransitKeyService: KeyService {
    public let name = "vault"
    private let settings: TransitSettings
    private let client: TransitClient

    /// Asks the server for the key, so that a wrong address, token or name is known at once.
    public static func open(_ settings: TransitSettings) async throws(SecretsError) -> TransitKeyService {
        let service = try TransitKeyService(settings, client: TransitClient(settings: settings))
        _ = try await service.currentVersion()
        return service
    }

    init(_ settings: TransitSettings, client: TransitClient) throws(SecretsError) {
        try settings.check()
        self.settings = settings
        self.client = client
    }

    public func currentVersion() async throws(SecretsError) -> Int {
        let data: JSON
        switch try await client.get("keys/" + settings.key) {
        case .success(let answer): data = answer
        case .failure(let refusal) where refusal.status == 404:
            throw .badSettings(
                problem: "\(settings.address): transit at '\(settings.mount)' has no key '\(settings.key)'; "
                    + "run: bao write -f \(settings.mount)/keys/\(settings.key)")
        case .failure(let refusal): throw failure(refusal)
        }
        guard let version = data["latest_version"]?.int, version > 0 else { throw strange("no latest_version") }
        guard data["supports_encryption"]?.bool == true, data["derived"]?.bool != true else {
            throw .badSettings(
                problem:
                    "transit's key '\(settings.key)' must encrypt and not be derived; make one of type aes256-gcm96")
        }
        return version
    }

    public func wrap(_ key: SymmetricKey, context: String) async throws(SecretsError) -> WrappedKey {
        let plain = Data(BoundKey.pack(key, context: context).bytes()).base64EncodedString()
        let body = JSON.Object([("plaintext", .string(plain))])
        switch try await client.post("encrypt/" + settings.key, body) {
        case .success(let data): return try wrapped(data)
        case .failure(let refusal): throw failure(refusal)
        }
    }

    public func unwrap(_ wrapped: WrappedKey, context: String) async throws(SecretsError) -> SymmetricKey {
        try check(wrapped, context: context)
        let body = try ciphertext(wrapped, context: context)
        switch try await client.post("decrypt/" + settings.key, body) {
        case .success(let data):
            guard let text = data["plaintext"]?.string, let plain = Data(base64Encoded: text) else {
                throw strange("no plaintext")
            }
            return try BoundKey.unpack(Secret(plain), context: context, service: name)
        case .failure(let refusal): throw failure(refusal, of: context)
        }
    }

    public func rewrap(_ wrapped: WrappedKey, context: String) async throws(SecretsError) -> WrappedKey {
        try check(wrapped, context: context)
        let body = try ciphertext(wrapped, context: context)
        switch try await client.post("rewrap/" + settings.key, body) {
        case .success(let data): return try self.wrapped(data)
        case .failure(let refusal): throw failure(refusal, of: context)
        }
    }

    public func rotate() async throws(SecretsError) -> Int {
        switch try await client.post("keys/\(settings.key)/rotate", .init(), repeats: false) {
        case .success: return try await currentVersion()
        case .failure(let refusal): throw failure(refusal)
        }
    }

    private func wrapped(_ data: JSON) throws(SecretsError) -> WrappedKey {
        guard let text = data["ciphertext"]?.string, text.utf8.count <= 8192, let version = Self.version(of: text)
        else {
            throw strange("no ciphertext vault:vN:…")
        }
        return WrappedKey(service: name, version: version, bytes: Array(text.utf8))
    }

    private func ciphertext(_ wrapped: WrappedKey, context: String) throws(SecretsError) -> JSON.Object {
        guard let text = String(validating: wrapped.bytes, as: UTF8.self), Self.version(of: text) == wrapped.version
        else { throw .keyDoesNotOpen(service: name, context: context, problem: "it is not what transit makes") }
        return JSON.Object([("ciphertext", .string(text))])
    }

    /// `vault:v3:…` is 3. OpenBao writes `vault` too.
    private static func version(of ciphertext: String) -> Int? {
        let parts = ciphertext.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "vault", parts[1].hasPrefix("v") else { return nil }
        return Int(parts[1].dropFirst())
    }

    private func failure(_ refusal: TransitClient.Refusal, of context: String) -> SecretsError {
        guard refusal.status == 400 else { return failure(refusal) }
        return .keyDoesNotOpen(service: name, context: context, problem: TransitClient.words(refusal))
    }

    private func failure(_ refusal: TransitClient.Refusal) -> SecretsError {
        .serviceFails(service: name, problem: "\(settings.address): \(TransitClient.words(refusal))")
    }

    private func strange(_ problem: String) -> SecretsError {
        .serviceFails(service: name, problem: "\(settings.address) gave a strange answer: \(problem)")
    }
}

extension TransitKeyService: CustomStringConvertible, CustomReflectable {
    public var description: String { "transit key '\(settings.key)' at \(settings.address)" }
    public var customMirror: Mirror { Mirror(self, children: ["address": settings.address, "key": settings.key]) }
}
