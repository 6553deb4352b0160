import HadalAccess
import HadalHTTP
import HadalJSON
import HadalWire
import Hummingbird

/// What everybody may see and change of themselves.
extension AdministrationRoute {
    static let own: [AdministrationRoute] = [
        get("me") { requester, call in
            try call.checkQuery()
            guard let user = try call.administration.ownUser(of: requester) else {
                return HTTPReply.json(requester.principal.json)
            }
            var members = requester.principal.json.object ?? JSON.Object()
            members["user"] = user.json
            return HTTPReply.json(.object(members))
        },
        change(.put, "me/password") { requester, call in
            var fields = try call.fields()
            let old = try fields.requiredString("old")
            let new = try fields.requiredString("new")
            try fields.finish()
            try call.administration.changeOwnPassword(from: old, to: new, by: requester)
            return AdministrationReply.done
        },
        change(.post, "me/second-factor") { requester, call in
            var fields = try call.fields()
            let password = try fields.string("password")
            try fields.finish()
            let setUp = try call.administration.beginSecondFactor(password: password, by: requester)
            return HTTPReply.json(["secret": .string(setUp.secret), "uri": .string(setUp.uri)])
        },
        change(.put, "me/second-factor") { requester, call in
            var fields = try call.fields()
            let code = try fields.requiredString("code")
            try fields.finish()
            return codes(try call.administration.confirmSecondFactor(code, by: requester))
        },
        delete("me/second-factor") { requester, call in
            try call.administration.removeSecondFactor(by: requester)
            return AdministrationReply.done
        },
        AdministrationRoute(
            .post, "me/second-factor/recovery-codes",
            .act(body: false) { requester, call in codes(try call.administration.renewRecoveryCodes(by: requester)) }),
        get("me/keys") { requester, call in
            let user = try call.administration.ownUser(of: requester)
            let keys = try call.administration.keys(by: requester)
                .filter { $0.id == requester.principal.keyID || user.map { .user(id: $0.id) } == $0.owner }
            return try call.page(keys)
        },
        change(.post, "me/keys") { requester, call in
            var fields = try call.fields()
            let request = try KeyRequest(&fields, owner: .oneself)
            try fields.finish()
            return try call.created(try call.administration.createKey(request, by: requester))
        },
        get("me/sessions") { requester, call in
            let user = try call.ownUser(requester)
            return try call.page(
                try call.administration.sessions(ofUserNamed: user.name, by: requester), id: \.id, json: \.json)
        },
        delete("me/sessions") { requester, call in
            try call.administration.endSessions(ofUserNamed: try call.ownUser(requester).name, by: requester)
            return AdministrationReply.done
        },
        delete("me/sessions/*") { requester, call in
            let user = try call.ownUser(requester)
            try call.administration.endSessions(ofUserNamed: user.name, id: call.name(), by: requester)
            return AdministrationReply.done
        },
    ]

    private static func codes(_ codes: [String]) -> Response {
        HTTPReply.json(["recoveryCodes": .array(codes.map(JSON.string))])
    }
}

extension AdministrationCall {
    fileprivate func ownUser(_ requester: Requester) throws(AccessProblem) -> User {
        guard let user = try administration.ownUser(of: requester) else {
            throw .conflict("you are here without a user of this system")
        }
        return user
    }
}
