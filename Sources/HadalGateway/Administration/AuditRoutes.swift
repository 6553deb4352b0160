import Foundation
import HadalAccess
import HadalHTTP
import HadalJSON
import HadalWire
import Hummingbird
import NIOCore

/// What was done and refused.
extension AdministrationRoute {
    static let audit: [AdministrationRoute] = [
        get("audit") { requester, call in
            try call.checkQuery("from", "to", "tenant", "limit", "after")
            let limit = try call.int("limit", 1...AuditLog.pageMax / 2) ?? 100
            let after = try call.int("after", 0...Int(Int32.max)).map(Int64.init)
            // One more tells whether there are more.
            let events = try call.administration.events(
                in: call.kept.audit, tenant: call.text("tenant"), from: try call.time("from") ?? .distantPast,
                to: try call.time("to") ?? .distantFuture, before: after, limit: limit + 1, by: requester)
            return AdministrationReply.list(events.prefix(limit).map(\.json), hasMore: events.count > limit)
        },
        get("audit/export") { requester, call in
            try call.checkQuery("from", "to", "tenant")
            let export = try call.administration.exportEvents(
                in: call.kept.audit, tenant: call.text("tenant"), from: try call.time("from"),
                to: try call.time("to"), by: requester)
            return lines(export)
        },
    ]

    /// JSON Lines. An error on the way breaks it off, so that nobody takes a part for the whole.
    private static func lines(_ export: AuditExport) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/x-ndjson"],
            body: ResponseBody { writer in
                var export = export
                while true {
                    let (events, rest) = try await onOtherThreads { [export] in
                        var export = export
                        return (try export.next(), export)
                    }
                    if events.isEmpty { break }
                    export = rest
                    try await writer.write(ByteBuffer(string: events.map { $0.json.text + "\n" }.joined()))
                }
                try await writer.finish(nil)
            })
    }
}
