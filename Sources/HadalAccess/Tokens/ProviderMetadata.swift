import Foundation
import HadalJSON

/// What an OpenID provider says about itself (OpenID Connect Discovery 1.0 section 3).
struct ProviderMetadata: Sendable {
    let keySet: URL
    let authorizationEndpoint: URL?
    let tokenEndpoint: URL?
    /// Whether a client sends its secret in the form, not as `Authorization: Basic`.
    let wantsSecretInForm: Bool
    /// Whether each answer names the issuer (RFC 9207 section 3).
    let namesIssuerInAnswers: Bool

    /// - Parameter issuer: whose document it must be, so that nobody can pass off another's.
    init(parsing data: Data, of issuer: String) throws(TokenRefusal) {
        let document = try JSON(document: data, "discovery document")
        guard let named = document["issuer"]?.string, named.isExactly(issuer) else {
            throw TokenRefusal("the discovery document is not the one of \(issuer.quotedBriefly)")
        }
        func url(_ name: String) throws(TokenRefusal) -> URL? {
            guard let value = document[name] else { return nil }
            guard let url = value.string.flatMap({ URL(string: $0) }), url.isProtected else {
                throw TokenRefusal("the discovery document's '\(name)' is no https URL")
            }
            return url
        }
        guard let keySet = try url("jwks_uri") else {
            throw TokenRefusal("the discovery document has no 'jwks_uri'")
        }
        self.keySet = keySet
        authorizationEndpoint = try url("authorization_endpoint")
        tokenEndpoint = try url("token_endpoint")
        // Without the field a provider takes Basic.
        let methods = document["token_endpoint_auth_methods_supported"]?.array ?? ["client_secret_basic"]
        wantsSecretInForm = methods.contains("client_secret_post") && !methods.contains("client_secret_basic")
        namesIssuerInAnswers = document["authorization_response_iss_parameter_supported"]?.bool ?? false
    }

    /// Where it is found. A slash at the issuer's end is not doubled (section 4.1 there).
    static func location(of issuer: String) throws(TokenRefusal) -> URL {
        let base = issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer
        guard let url = URL(string: base + "/.well-known/openid-configuration"), url.isProtected else {
            throw TokenRefusal("issuer \(issuer.quotedBriefly) is no https URL")
        }
        return url
    }
}
