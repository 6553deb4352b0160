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
    private let fields: HTTPFields

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
        fields = request.headers
    }

    /// That rules may look at; never credentials.
    private var headers: [String: String] {
        fields.reduce(into: [:]) { headers, field in
            let name = field.name.canonicalName
            guard Self.shown.contains(name) || name.hasPrefix("x-hadal-") && field.name != .oneTimePassword else {
                return
            }
            headers[name] = field.value
        }
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
