import Foundation
import HadalJSON

/// The keys an issuer signs with at a time (a JWK set, RFC 7517 section 5).
struct KeySet: Sendable {
    /// Bytes of a document.
    static let sizeLimit = 1 << 20
    /// Keys of a set.
    static let countLimit = 64

    let keys: [SigningKey]
    /// Names of the keys that cannot be used, and why.
    let ignored: [(id: String?, reason: String)]

    /// - Throws: where it is no key set. One with no usable key is a key set all the same: an issuer takes all keys back so.
    init(parsing data: Data) async throws(TokenRefusal) {
        let document = try JSON(document: data, "key set")
        guard let listed = document["keys"]?.array else { throw TokenRefusal("the key set has no array 'keys'") }
        guard listed.count <= Self.countLimit else {
            throw TokenRefusal("the key set has \(listed.count) keys, more than \(Self.countLimit)")
        }
        var keys: [SigningKey] = []
        var ignored: [(id: String?, reason: String)] = []
        for key in listed {
            do throws(TokenRefusal) { keys.append(try await SigningKey(key)) } catch {
                ignored.append((key["kid"]?.string, error.reason))
            }
        }
        self.keys = keys
        self.ignored = ignored
    }

    func hasKey(named id: String) -> Bool { keys.contains { $0.id?.isExactly(id) == true } }

    /// The one key that may have signed a token with this header.
    func key(for algorithm: TokenAlgorithm, id: String?) throws(TokenRefusal) -> SigningKey {
        let candidates: [SigningKey]
        if let id {
            candidates = keys.filter { $0.id?.isExactly(id) == true }
            if candidates.isEmpty { throw unknown(id) }
        } else {
            guard keys.count <= 1 else { throw TokenRefusal("it has no 'kid', and its issuer has \(keys.count) keys") }
            candidates = keys
            if candidates.isEmpty { throw TokenRefusal("its issuer has no usable key") }
        }
        // Keys of different types may share a name (RFC 7517 section 4.5).
        guard let key = candidates.first(where: { $0.allows(algorithm) }) else {
            throw TokenRefusal("its algorithm \(algorithm.rawValue) is not the one of its key")
        }
        return key
    }

    private func unknown(_ id: String) -> TokenRefusal {
        if let key = ignored.first(where: { $0.id?.isExactly(id) == true }) {
            return TokenRefusal("its key \(id.quotedBriefly) cannot be used: \(key.reason)")
        }
        return TokenRefusal("its key \(id.quotedBriefly) is not among its issuer's")
    }
}

extension JSON {
    /// What an issuer serves.
    init(document data: Data, _ name: String) throws(TokenRefusal) {
        guard data.count <= KeySet.sizeLimit else {
            throw TokenRefusal("the \(name) has \(data.count) bytes, more than \(KeySet.sizeLimit)")
        }
        do { self = try JSON(parsing: data, depthLimit: 16) } catch {
            throw TokenRefusal("the \(name) is no JSON: \(error.problem.quotedBriefly) at byte \(error.offset)")
        }
    }
}
