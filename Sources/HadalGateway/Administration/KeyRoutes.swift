import HadalAccess
import HadalHTTP
import HadalJSON
import HadalWire
import Hummingbird

extension AdministrationRoute {
    static let keys: [AdministrationRoute] = [
        get("keys") { requester, call in try call.page(try call.administration.keys(by: requester)) },
        change(.post, "keys") { requester, call in
            var fields = try call.fields()
            let request = try KeyRequest(&fields, owner: try fields.owner())
            try fields.finish()
            return try call.created(try call.administration.createKey(request, by: requester))
        },
        get("keys/*") { requester, call in
            try call.checkQuery()
            let key = try call.administration.key(id: call.name(), by: requester)
            return HTTPReply.json(key.json(try call.administration.userNames()))
        },
        change(.patch, "keys/*") { requester, call in
            let change = try KeyChange(try call.fields())
            let key = try call.administration.changeKey(id: call.name(), change, by: requester)
            return HTTPReply.json(key.json(try call.administration.userNames()))
        },
        // A key's row stays for the audit; what ends is that it counts.
        delete("keys/*") { requester, call in
            try call.administration.revokeKey(id: call.name(), by: requester)
            return AdministrationReply.done
        },
        change(.post, "keys/*/rotate") { requester, call in
            var fields = try call.fields()
            let overlap = try fields.number("overlap", in: 0...31_536_000) ?? 0
            try fields.finish()
            let key = try call.administration.rotateKey(id: call.name(), overlap: overlap, by: requester)
            return try call.created(key)
        },
    ]
}

extension AdministrationCall {
    func page(_ keys: [APIKey]) throws -> Response {
        let names = try administration.userNames()
        return try page(keys, id: \.id) { $0.json(names) }
    }

    /// The only time that the secret is shown.
    func created(_ new: NewKey) throws -> Response {
        var members = new.key.json(try administration.userNames()).object ?? JSON.Object()
        members["secret"] = .string(new.secret)
        return AdministrationReply.created(.object(members))
    }
}

extension KeyRequest {
    init(_ fields: inout FieldReader, owner: Owner) throws(WireError) {
        self.init(
            name: try fields.requiredString("name"), owner: owner, scopes: try fields.permissions("scopes"),
            models: try fields.models() ?? .all, expires: try fields.time("expires"))
    }
}

extension KeyChange {
    /// What is `null` or not there stays: `expires: "none"` and `scopes: ["*"]` take away what restricted.
    init(_ fields: FieldReader) throws(WireError) {
        var fields = fields
        self.init(name: try fields.string("name"), models: try fields.models())
        if fields.value("scopes")?.array == ["*"] {
            scopes = .all
        } else {
            scopes = try fields.permissions("scopes").map { .only($0) }
        }
        if fields.value("expires") == "none" {
            expires = .never
        } else {
            expires = try fields.time("expires").map { .at($0) }
        }
        try fields.finish()
    }
}

extension FieldReader {
    /// A user by `user`, or a program by `roles` and `tenant`.
    fileprivate mutating func owner() throws(WireError) -> KeyRequest.Owner {
        let user = try string("user")
        let roles = try strings("roles").map(Set.init)
        let tenant = try string("tenant")
        if let user {
            guard roles == nil, tenant == nil else {
                throw .unsupported(
                    field: "user", problem: "a user's key has the user's roles and tenant; leave them out")
            }
            return .user(named: user)
        }
        guard let roles else {
            throw .unsupported(field: "user", problem: "name the user that the key acts for, or the roles of a program")
        }
        return .service(roles: roles, tenant: tenant)
    }
}
