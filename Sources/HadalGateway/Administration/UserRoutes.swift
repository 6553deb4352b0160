import HadalAccess
import HadalHTTP
import HadalJSON
import HadalWire
import Hummingbird

extension AdministrationRoute {
    static let users: [AdministrationRoute] = [
        get("users") { requester, call in
            try call.page(try call.administration.users(by: requester), id: \.name, json: \.json)
        },
        change(.post, "users") { requester, call in
            let user = try NewUser(try call.fields())
            return AdministrationReply.created(try call.administration.createUser(user, by: requester).json)
        },
        get("users/*") { requester, call in
            try call.checkQuery()
            return HTTPReply.json(try call.administration.user(named: call.name(), by: requester).json)
        },
        change(.patch, "users/*") { requester, call in
            let change = try UserChange(try call.fields())
            return HTTPReply.json(
                try call.administration.changeUser(named: call.name(), change, by: requester).json)
        },
        delete("users/*") { requester, call in
            try call.administration.deleteUser(named: call.name(), by: requester)
            return AdministrationReply.done
        },
        change(.put, "users/*/password") { requester, call in
            var fields = try call.fields()
            let password = try fields.requiredString("password")
            try fields.finish()
            try call.administration.setPassword(ofUserNamed: call.name(), to: password, by: requester)
            return AdministrationReply.done
        },
        delete("users/*/password") { requester, call in
            try call.administration.setPassword(ofUserNamed: call.name(), to: nil, by: requester)
            return AdministrationReply.done
        },
        delete("users/*/second-factor") { requester, call in
            try call.administration.resetSecondFactor(ofUserNamed: call.name(), by: requester)
            return AdministrationReply.done
        },
        // Wrong attempts on the name and its second factor.
        delete("users/*/lock") { requester, call in
            try call.administration.unlock(userNamed: call.name(), by: requester)
            return AdministrationReply.done
        },
        get("users/*/sessions") { requester, call in
            try call.page(
                try call.administration.sessions(ofUserNamed: call.name(), by: requester), id: \.id, json: \.json)
        },
        delete("users/*/sessions") { requester, call in
            try call.administration.endSessions(ofUserNamed: call.name(), by: requester)
            return AdministrationReply.done
        },
        delete("users/*/sessions/*") { requester, call in
            try call.administration.endSessions(ofUserNamed: call.name(), id: call.name(1), by: requester)
            return AdministrationReply.done
        },
    ]
}

extension NewUser {
    init(_ fields: FieldReader) throws(WireError) {
        var fields = fields
        self.init(
            name: try fields.requiredString("name"), displayName: try fields.string("displayName") ?? "",
            tenant: try fields.string("tenant"),
            roles: try fields.strings("roles").map(Set.init) ?? [RoleMatrix.user],
            password: try fields.string("password"), links: try fields.links() ?? [])
        try fields.finish()
    }
}

extension UserChange {
    init(_ fields: FieldReader) throws(WireError) {
        var fields = fields
        self.init(
            displayName: try fields.string("displayName"), roles: try fields.strings("roles").map(Set.init),
            isEnabled: try fields.bool("enabled"), links: try fields.links())
        try fields.finish()
    }
}

extension FieldReader {
    fileprivate mutating func links() throws(WireError) -> Set<IdentityLink>? {
        guard let elements = try array("links", limit: 100) else { return nil }
        var links: Set<IdentityLink> = []
        for (index, element) in elements.enumerated() {
            let place = field("links[\(index)]")
            var fields = try FieldReader(element, at: place)
            let word = try fields.requiredString("kind")
            let value = try fields.requiredString("value")
            let issuer = try fields.string("issuer")
            try fields.finish()
            guard let kind = IdentityLink.Kind(rawValue: word) else {
                let kinds = IdentityLink.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                throw .outOfRange(field: place + ".kind", expected: "one of \(kinds)")
            }
            guard let link = IdentityLink(kind, value, issuer: issuer) else {
                throw .outOfRange(field: place + ".issuer", expected: "given for an external link, and for no other")
            }
            links.insert(link)
        }
        return links
    }
}
