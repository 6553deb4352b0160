import Foundation
import HTTPTypes
import HadalAccess
import HadalAudit
import HadalHTTP
import HadalWire
import Hummingbird
import NIOCore

/// Records of the audit trail on their way to another system, oldest first, never texts.
struct TrailExport {
    private enum Format: String, CaseIterable {
        case jsonl, cef, syslog, elasticsearch
    }

    /// Records that are in memory at once.
    private static let pageSize = 10_000
    private static let index = "hadal-audit"

    private let call: AdministrationCall
    private let format: Format

    init(_ call: AdministrationCall) throws(WireError) {
        let word = call.text("format") ?? Format.jsonl.rawValue
        guard let format = Format(rawValue: word) else {
            let all = Format.allCases.map(\.rawValue).joined(separator: ", ")
            throw .outOfRange(field: "format", expected: "one of \(all)")
        }
        self.call = call
        self.format = format
    }

    /// Recorded before anything goes out. An error on the way breaks it off, so that nobody takes a part for the whole.
    func response(by requester: Requester) throws -> Response {
        let reader = try call.reader()
        var query = try TrailFilter.query(call)
        var details = ["format": format.rawValue]
        for name in TrailFilter.names where name != "tenant" { details[name] = call.text(name) }
        query.tenant = try call.administration.exportTrail(of: call.text("tenant"), details: details, by: requester)
        query.newestFirst = false
        // What comes meanwhile is not part of it.
        query.before = reader.last + 1
        let formatter = try formatter(reader)
        return Response(
            status: .ok, headers: [.contentType: contentType],
            body: ResponseBody { [query] writer in
                var query = query
                while true {
                    let records = try await onOtherThreads { [query] in
                        try reader.search.page(query, limit: Self.pageSize)
                    }
                    guard let last = records.last else { break }
                    query.after = last.sequence
                    try await writer.write(ByteBuffer(bytes: records.flatMap { formatter.bytes($0) }))
                }
                try await writer.finish(nil)
            })
    }

    private func formatter(_ reader: TrailReader) throws -> any AuditFormatter {
        switch format {
        case .jsonl: JSONLinesFormatter()
        case .cef: CEFFormatter(version: reader.version)
        case .syslog: SyslogFormatter(host: ProcessInfo.processInfo.hostName)
        case .elasticsearch: ElasticsearchFormatter(index: Self.index, trail: try reader.search.trail ?? "")
        }
    }

    private var contentType: String {
        switch format {
        case .jsonl, .elasticsearch: "application/x-ndjson"
        case .cef, .syslog: "text/plain; charset=utf-8"
        }
    }
}
