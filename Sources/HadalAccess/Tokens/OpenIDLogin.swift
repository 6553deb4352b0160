import Foundation
import HadalJSON

/// Lets people log in to the console at an OpenID provider: the authorization code flow (OpenID Connect Core section 3.1) with
/// PKCE (RFC 7636), as RFC 9700 advises.
public struct OpenIDLogin: Sendable {
    /// A form for the provider's token endpoint, to be sent by POST as `application/x-www-form-urlencoded`.
    /// It has secrets, which its description leaves out.
    public struct Form: Sendable, CustomStringConvertible, CustomReflectable {
        public var url: URL
        /// The header `Authorization`, where one is needed.
        public var authorization: String?
        public var body: Data

        public var description: String { "form for \(url)" }
        public var customMirror: Mirror { Mirror(self, children: ["url": url]) }
    }

    /// Sends a form: within seconds, without following redirects, and takes at most 1 MiB.
    public typealias Post = @Sendable (Form) async throws -> (status: Int, body: Data)

    private let issuer: TokenIssuer
    private let settings: ConsoleLogin
    private let verifier: TokenVerifier
    private let metadata: FetchedValue<ProviderMetadata>
    private let post: Post
    private let now: @Sendable () -> Date
    let pending: PendingLogins

    /// - Parameters:
    ///   - issuer: one of the verifier's, with settings for a log-in.
    ///   - now: the clock.
    ///   - previous: the one that this takes the place of when settings change: who is logging in there may finish here.
    public init(
        issuer: String, verifier: TokenVerifier, fetch: @escaping TokenVerifier.Fetch, post: @escaping Post,
        now: @escaping @Sendable () -> Date = { Date() }, replacing previous: OpenIDLogin? = nil
    ) throws(TokenSettingsError) {
        guard let found = verifier.issuers.first(where: { $0.issuer.isExactly(issuer) }), let login = found.login else {
            throw TokenSettingsError(problems: ["issuer \(issuer.quotedBriefly) has no settings for a log-in"])
        }
        self.issuer = found
        settings = login
        self.verifier = verifier
        self.post = post
        self.now = now
        let isSameProvider = previous?.issuer.issuer.isExactly(issuer) == true
        pending = previous.flatMap { isSameProvider ? $0.pending : nil } ?? PendingLogins()
        metadata = FetchedValue(now: now) {
            let document = try await fetch(try ProviderMetadata.location(of: issuer))
            return try ProviderMetadata(parsing: document, of: issuer)
        }
    }

    /// Begins a log-in.
    ///
    /// - Returns: where to send the browser, and what it must bring back: a cookie that is `HttpOnly`, `Secure`,
    ///   `SameSite=Lax` and lasts ten minutes.
    public func begin() async throws(AccessError) -> (redirect: URL, browserSecret: String) {
        do throws(TokenRefusal) {
            guard let endpoint = try await provider().authorizationEndpoint,
                var components = URLComponents(url: endpoint, resolvingAgainstBaseURL: false)
            else { throw TokenRefusal("the provider has no 'authorization_endpoint'") }
            let (login, state, browserSecret) = pending.begin(now: now())
            let query = FormFields.encode([
                ("response_type", "code"), ("client_id", settings.clientID),
                ("redirect_uri", settings.redirectURI.absoluteString),
                ("scope", settings.scopes.joined(separator: " ")), ("state", state), ("nonce", login.nonce),
                ("code_challenge", login.codeChallenge), ("code_challenge_method", "S256"),
            ])
            // An endpoint may have a query of its own (RFC 6749 section 3.1).
            let before = components.percentEncodedQuery.map { $0 + "&" } ?? ""
            components.percentEncodedQuery = before + query
            guard let redirect = components.url else { throw TokenRefusal("the provider's endpoint is no URL") }
            return (redirect, browserSecret)
        } catch {
            throw error.accessError("log-in")
        }
    }

    /// Finishes a log-in with what the provider sent the browser back with.
    ///
    /// - Parameters:
    ///   - query: that of the redirect URI, as it came.
    ///   - browserSecret: the cookie that `begin` made.
    /// - Throws: `credentialsRefused`, or `unavailable` where the provider cannot be reached; the detail says exactly why.
    public func finish(query: String, browserSecret: String) async throws(AccessError) -> VerifiedToken {
        let purpose: TokenVerifier.Purpose
        let idToken: String
        do throws(TokenRefusal) {
            let answer = try FormFields.decode(query)
            guard let state = answer["state"] else { throw TokenRefusal("the answer has no 'state'") }
            let login = try pending.finish(state: state, browserSecret: browserSecret, now: now())
            let provider = try await provider()
            let code = try code(in: answer, from: provider)
            let tokens = try await redeem(code, of: login, at: provider)
            guard let token = tokens["id_token"]?.string else { throw TokenRefusal("the provider sent no 'id_token'") }
            idToken = token
            purpose = .login(
                clientID: settings.clientID, nonce: login.nonce, accessToken: tokens["access_token"]?.string)
        } catch {
            throw error.accessError("log-in")
        }
        let verified = try await verifier.verify(idToken, for: purpose)
        // Another issuer of ours must not answer in this one's place.
        guard verified.issuer.isExactly(issuer.issuer) else {
            throw TokenRefusal("the token is from \(verified.issuer.quotedBriefly)").accessError("log-in")
        }
        return verified
    }

    private func provider() async throws(TokenRefusal) -> ProviderMetadata {
        do { return try await metadata.value() } catch { throw unreachable(error) }
    }

    private func unreachable(_ error: any Error) -> TokenRefusal {
        TokenRefusal("the provider cannot be reached: \("\(error)".quotedBriefly)", isTemporary: true)
    }

    private func code(in answer: [String: String], from provider: ProviderMetadata) throws(TokenRefusal) -> String {
        // RFC 9207: with several providers, one could pass off its answers as another's.
        if let named = answer["iss"] {
            guard named.isExactly(issuer.issuer) else {
                throw TokenRefusal("the answer is from \(named.quotedBriefly), not from this provider")
            }
        } else if provider.namesIssuerInAnswers {
            throw TokenRefusal("the answer does not name its issuer, as this provider's do")
        }
        if let problem = answer["error"] { throw TokenRefusal("the provider refused: \(problem.quotedBriefly)") }
        guard let code = answer["code"], !code.isEmpty else { throw TokenRefusal("the answer has no 'code'") }
        return code
    }

    /// Exchanges the code for tokens (RFC 6749 section 4.1.3).
    private func redeem(
        _ code: String, of login: PendingLogins.Login, at provider: ProviderMetadata
    ) async throws(TokenRefusal) -> JSON {
        guard let url = provider.tokenEndpoint else { throw TokenRefusal("the provider has no 'token_endpoint'") }
        var fields = [
            ("grant_type", "authorization_code"), ("code", code),
            ("redirect_uri", settings.redirectURI.absoluteString), ("client_id", settings.clientID),
            ("code_verifier", login.codeVerifier),
        ]
        var form = Form(url: url, authorization: nil, body: Data())
        if let secret = settings.clientSecret {
            if provider.wantsSecretInForm {
                fields.append(("client_secret", secret.text))
            } else {
                // RFC 6749 section 2.3.1: both are form-encoded before Basic puts them together.
                let pair = FormFields.encode(settings.clientID) + ":" + FormFields.encode(secret.text)
                form.authorization = "Basic " + Data(pair.utf8).base64EncodedString()
            }
        }
        form.body = Data(FormFields.encode(fields).utf8)
        let reply: (status: Int, body: Data)
        do { reply = try await post(form) } catch { throw unreachable(error) }
        guard reply.status == 200 else {
            let problem = (try? JSON(document: reply.body, "answer"))?["error"]?.string ?? ""
            throw TokenRefusal("the provider did not take the code: status \(reply.status) \(problem.quotedBriefly)")
        }
        return try JSON(document: reply.body, "provider's answer")
    }
}
