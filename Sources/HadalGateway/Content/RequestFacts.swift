import Foundation
import HTTPTypes
import HadalAccess
import HadalRules
import Hummingbird

/// What of a request's head the steps on contents look at.
struct RequestFacts: Sendable {
    /// The path that was asked.
    let endpoint: String
    /// The client's, as far as proxies are trusted.
    let address: String?
    let cache: CacheWish
    /// That rules may look at; never credentials.
    let headers: [String: String]

    enum CacheWish: Sendable, Hashable {
        case use
        /// A new answer, which may be kept.
        case renew
        /// A new answer that is not kept.
        case avoid
    }

    init(_ request: Request, address: IPAddress?) {
        endpoint = request.uri.path
        self.address = address?.description
        let control = (request.headers[.cacheControl] ?? "").lowercased()
        if control.contains("no-store") {
            cache = .avoid
        } else if control.contains("no-cache") || request.headers[.answerCache]?.lowercased() == "bypass" {
            cache = .renew
        } else {
            cache = .use
        }
        var headers: [String: String] = [:]
        for field in request.headers {
            let name = field.name.canonicalName
            guard Self.shown.contains(name) || name.hasPrefix("x-hadal-") && field.name != .oneTimePassword else {
                continue
            }
            headers[name] = field.value
        }
        self.headers = headers
    }

    private static let shown: Set = ["user-agent", "referer", "origin", "accept-language"]

    func metadata(_ caller: Caller, model: String) -> RuleMetadata {
        var metadata = RuleMetadata()
        metadata.tenant = caller.principal.tenant
        metadata.user = caller.principal.name
        metadata.roles = caller.principal.roles
        metadata.model = model
        metadata.endpoint = endpoint
        metadata.address = address
        metadata.headers = headers
        return metadata
    }
}

extension HTTPField.Name {
    static let answerCache = HTTPField.Name("X-Hadal-Cache")!
    static let contentVerdicts = HTTPField.Name("X-Hadal-Content")!
    static let answeringModel = HTTPField.Name("X-Hadal-Model")!
}
