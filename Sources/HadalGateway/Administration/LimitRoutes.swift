import HadalAccess
import HadalHTTP
import HadalJSON
import HadalWire
import Hummingbird

/// How much single keys, users, tenants and models may, and from where.
extension AdministrationRoute {
    static let limits: [AdministrationRoute] = [
        get("limits") { requester, call in
            let scopes = ScopeLimits.grouped(try call.administration.limits(by: requester))
            let names = try call.administration.userNames()
            return try call.page(scopes, id: \.scope.id) { $0.json(names) }
        },
        change(.put, "limits") { requester, call in
            var fields = try call.fields()
            let scope = try call.scope(
                key: try fields.string("key"), user: try fields.string("user"), tenant: try fields.string("tenant"),
                model: try fields.string("model"), requester)
            let limits = try fields.limits()
            try fields.finish()
            try call.administration.setLimits(of: scope, limits, by: requester)
            return AdministrationReply.done
        },
        delete("limits") { requester, call in
            try call.checkQuery("key", "user", "tenant", "model", "kind")
            let scope = try call.scope(
                key: call.text("key"), user: call.text("user"), tenant: call.text("tenant"), model: call.text("model"),
                requester)
            let kind = try call.text("kind").map { text throws(WireError) in try LimitKind(field: "kind", text) }
            try call.administration.removeLimits(of: scope, kind.map { [$0] } ?? [], by: requester)
            return AdministrationReply.done
        },
        get("addresses") { requester, call in
            let rules = try call.administration.addressRules(by: requester).sorted { $0.key.id < $1.key.id }
            return try call.page(rules, id: \.key.id) { $0.key.json($0.value) }
        },
        change(.put, "addresses") { requester, call in
            var fields = try call.fields()
            let (key, tenant) = (try fields.string("key"), try fields.string("tenant"))
            let allow = try fields.strings("allow", limit: AddressRules.rangesLimit) ?? []
            let deny = try fields.strings("deny", limit: AddressRules.rangesLimit) ?? []
            try fields.finish()
            let subject: AddressGuard.Subject
            switch (key, tenant) {
            case (let key?, nil): subject = .key(key)
            case (nil, let tenant?): subject = .tenant(tenant)
            default: throw WireError.unsupported(field: "tenant", problem: "name one tenant or one key")
            }
            let rules: AddressRules
            do throws(LimitError) { rules = try AddressRules(allow: allow, deny: deny) } catch {
                throw WireError.unsupported(field: "allow, deny", problem: error.description)
            }
            try call.administration.setAddressRules(rules, for: subject, by: requester)
            return AdministrationReply.done
        },
    ]
}

extension AdministrationCall {
    fileprivate func scope(
        key: String?, user: String?, tenant: String?, model: String?, _ requester: Requester
    ) throws -> LimitScope {
        let user = try user.map {
            try administration.userID(named: $0, .manageLimits, for: "limit.set", by: requester)
        }
        do throws(LimitError) {
            return try LimitScope(key: key, user: user, tenant: tenant, model: model)
        } catch {
            throw WireError.unsupported(field: "key, user, tenant, model", problem: error.description)
        }
    }
}

extension LimitKind {
    init(field: String, _ text: String) throws(WireError) {
        guard let kind = LimitKind(rawValue: text) else {
            let kinds = LimitKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw .outOfRange(field: field, expected: "one of \(kinds)")
        }
        self = kind
    }
}

extension FieldReader {
    fileprivate mutating func limits() throws(WireError) -> [LimitKind: Int?] {
        guard let members = try required("limits").object else {
            throw .wrongType(field: field("limits"), expected: "an object")
        }
        var limits: [LimitKind: Int?] = [:]
        for (name, json) in members.members {
            let kind = try LimitKind(field: field("limits"), name)
            do throws(LimitError) { limits[kind] = .some(try kind.value(json)) } catch {
                throw .outOfRange(field: field("limits.\(name)"), expected: error.expectedText)
            }
        }
        return limits
    }
}

extension LimitError {
    fileprivate var expectedText: String {
        if case .badValue(let kind, _) = self { return kind.expected + ", or \"none\" for no limit" }
        return description
    }
}
