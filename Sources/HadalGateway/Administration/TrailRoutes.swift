import HadalAccess
import HadalAudit
import HadalHTTP
import HadalJSON
import HadalWire
import Hummingbird

/// The audit trail: what was asked, answered and done, in a form that shows whether it was changed.
extension AdministrationRoute {
    static let trail: [AdministrationRoute] = [
        get("trail") { requester, call in
            try call.checkQuery(TrailFilter.names + ["limit", "after"])
            let limit = try call.int("limit", 1...500) ?? 100
            var query = try TrailFilter.query(call)
            query.tenant = try call.administration.visibleTrail(of: call.text("tenant"), by: requester)
            query.before = try call.int("after", 1...Int.max).map(UInt64.init)
            let records = try call.reader().search.page(query, limit: limit + 1)
            return AdministrationReply.list(
                try records.prefix(limit).map { try $0.shown() }, hasMore: records.count > limit)
        },
        get("trail/status") { requester, call in
            try call.checkQuery()
            try call.administration.checkMayJudgeTrail(by: requester)
            return HTTPReply.json(try call.reader().status())
        },
        get("trail/export") { requester, call in
            try call.checkQuery(TrailFilter.names + ["format"])
            return try TrailExport(call).response(by: requester)
        },
        get("trail/records/*") { requester, call in
            try call.checkQuery("texts", "masks")
            let showsMasked = try call.flag("masks")
            let showsTexts = try call.flag("texts") || showsMasked
            let tenant = try call.administration.visibleTrail(by: requester)
            let reader = try call.reader()
            let records = try reader.records(named: call.name(), tenant: tenant)
            guard showsTexts else {
                return AdministrationReply.list(try records.map { try $0.shown() }, hasMore: false)
            }
            try call.administration.readTexts(
                ofRecords: records.map(\.sequence), tenant: records.first?.tenant, withMasked: showsMasked,
                by: requester)
            return AdministrationReply.list(try reader.withTexts(records, showsMasked: showsMasked), hasMore: false)
        },
        AdministrationRoute(
            .post, "trail/verify",
            .act(body: false) { requester, call in
                try call.checkQuery()
                try call.administration.checkMayJudgeTrail(by: requester)
                return HTTPReply.json(try call.reader().verify())
            }),
        AdministrationRoute(
            .post, "trail/erase",
            .observe(body: true) { _, requester, call in
                var fields = try call.fields()
                let user = try fields.requiredString("user")
                let tenant = try fields.string("tenant")
                try fields.finish()
                let recorder = try call.recorder()
                let person = AuditPerson(
                    tenant: try call.administration.eraseTexts(ofUser: user, tenant: tenant, by: requester), user: user)
                let principal = requester.principal
                let actor = AuditPerson(tenant: principal.tenant, user: principal.userID ?? principal.id)
                let wasThere = try await recorder.trail.erase(person, by: actor)
                return HTTPReply.json(
                    ["tenant": .string(person.tenant), "user": .string(user), "erased": .bool(wasThere)])
            }),
    ]
}

extension AdministrationCall {
    fileprivate func recorder() throws -> AuditRecorder {
        guard let audit else {
            throw ErrorObject.invalidRequest(
                "this server writes no audit trail: audit.enabled is false", code: "not_found", status: 404)
        }
        return audit
    }

    func reader() throws -> TrailReader { TrailReader(try recorder()) }
}
