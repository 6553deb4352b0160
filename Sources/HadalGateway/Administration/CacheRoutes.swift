import HadalAccess
import HadalHTTP
import HadalWire
import Hummingbird

/// The cache of answers: how it is used, and emptying it.
extension Observation {
    func cacheStatistics(_ requester: Requester, _ call: AdministrationCall) throws -> Response {
        try call.checkQuery()
        try call.administration.checkMayLook(.viewOperations, at: "cache.view", by: requester)
        return HTTPReply.json(try knownCache().statistics.json)
    }

    func clearCache(_ requester: Requester, _ call: AdministrationCall) throws -> Response {
        try call.checkQuery("tenant")
        try call.administration.recordClearingOfCache(of: call.text("tenant"), by: requester)
        let cache = try knownCache()
        if let tenant = call.text("tenant") { cache.forget(tenant: tenant) } else { cache.removeAll() }
        return AdministrationReply.done
    }

    private func knownCache() throws(ErrorObject) -> ResponseCache {
        guard let cache else {
            throw ErrorObject.invalidRequest("this server has no cache of answers", code: "not_found", status: 404)
        }
        return cache
    }
}

extension AdministrationRoute {
    static let cache: [AdministrationRoute] = [
        AdministrationRoute(.get, "cache", .observe { try $0.cacheStatistics($1, $2) }),
        AdministrationRoute(.delete, "cache", .observe { try $0.clearCache($1, $2) }),
    ]
}
