import HadalAccess
import HadalHTTP
import HadalWire
import Hummingbird

/// Questions that wait for somebody to allow them.
extension AdministrationRoute {
    static let reviews: [AdministrationRoute] = [
        get("reviews") { requester, call in
            try call.checkQuery("waiting", "tenant", "limit", "after")
            let limit = try call.int("limit", 1...ReviewStore.pageMax / 2) ?? 100
            let after = try call.int("after", 0...Int(Int32.max)).map(Int64.init)
            // One more tells whether there are more.
            let entries = try call.administration.reviews(
                in: call.kept.reviews, tenant: call.text("tenant"), waitingOnly: try call.flag("waiting"),
                before: after,
                limit: limit + 1, by: requester)
            return AdministrationReply.list(entries.prefix(limit).map(\.json), hasMore: entries.count > limit)
        },
        change(.post, "reviews/*") { requester, call in
            try call.checkQuery()
            var fields = try call.fields()
            let decision = try fields.requiredString("decision")
            try fields.finish()
            guard let isAllowed = ["allow": true, "refuse": false][decision] else {
                throw WireError.outOfRange(field: "decision", expected: "allow or refuse")
            }
            let entry = try call.administration.review(
                call.name(), isAllowed: isAllowed, in: call.kept.reviews, by: requester)
            return HTTPReply.json(entry.json)
        },
    ]
}
