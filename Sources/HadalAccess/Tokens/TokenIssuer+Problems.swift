import Foundation

extension TokenIssuer {
    /// What is wrong with the settings, in sentences for who wrote them; empty where nothing is.
    public var problems: [String] {
        var problems = issuerProblems + keySourceProblems + (login?.problems ?? [])
        if audiences.isEmpty { problems.append("no audience is given: tokens made for others would count here") }
        if audiences.contains("") { problems.append("an audience is empty") }
        if algorithms.isEmpty { problems.append("no algorithm is allowed") }
        if !(0...300).contains(clockSkew) { problems.append("the clock skew must be 0 to 300 seconds") }
        if let maximumAge, !(maximumAge > 0 && maximumAge.isFinite) {
            problems.append("the maximum age must be more than 0 seconds")
        }
        let paths = [claims.user, claims.name, claims.email, claims.roles] + requiredClaims.keys
        if paths.contains("") { problems.append("the name of a claim is empty") }
        if case .fixed(let name) = tenant, !name.isPlainName { problems.append("the tenant has no usable name") }
        return problems.map { "issuer \(issuer.quotedBriefly): \($0)" }
    }

    /// OpenID Connect Core section 2: https, without query and fragment.
    private var issuerProblems: [String] {
        guard issuer.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), let url = URL(string: issuer), url.isProtected else {
            // A name that is no URL is fine where nothing is fetched from it.
            if issuer.isPlainName, keySource != .discovery, login == nil { return [] }
            return ["it must be an https URL"]
        }
        return url.query == nil && url.fragment == nil ? [] : ["its URL must have neither query nor fragment"]
    }

    private var keySourceProblems: [String] {
        switch keySource {
        case .discovery: []
        case .url(let url): url.isProtected ? [] : ["the key set's URL must be https"]
        case .file(let path): path.hasPrefix("/") ? [] : ["the key set's file must be an absolute path"]
        }
    }
}

extension ConsoleLogin {
    fileprivate var problems: [String] {
        var problems: [String] = []
        if clientID.isEmpty { problems.append("the client id is empty") }
        if clientSecret?.text.isEmpty == true { problems.append("the client secret is empty; leave it out instead") }
        if !redirectURI.isProtected || redirectURI.fragment != nil {
            problems.append("the redirect URI must be https and without fragment")
        }
        if !scopes.contains("openid") { problems.append("the scopes must contain 'openid'") }
        if scopes.contains(where: { $0.isEmpty || $0.contains(" ") }) {
            problems.append("scopes must not be empty or contain spaces")
        }
        return problems
    }
}

/// Settings under which tokens would not be safe, or make no sense.
public struct TokenSettingsError: Error, Sendable, Hashable, CustomStringConvertible {
    public var problems: [String]

    public var description: String { problems.joined(separator: "; ") }
}

extension URL {
    /// Whether nobody on the way can read or change what is fetched: https, or http that does not leave this machine.
    var isProtected: Bool {
        guard let host = host(percentEncoded: false), !host.isEmpty, user == nil, password == nil else { return false }
        switch scheme?.lowercased() {
        case "https": return true
        case "http": return ["localhost", "127.0.0.1", "::1", "[::1]"].contains(host.lowercased())
        default: return false
        }
    }
}
