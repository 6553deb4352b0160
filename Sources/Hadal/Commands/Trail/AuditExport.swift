import ArgumentParser
import Foundation
import HadalAccess
import HadalJSON

extension Audit {
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write records for another system; this is recorded.",
            discussion: """
                With --format from the audit trail, requests and acts, oldest first, never texts. Without it acts of
                administration alone, as JSON Lines.

                Examples:
                  hadal audit export --format jsonl --output audit.jsonl
                  hadal audit export --format syslog --from 2026-11-01T00:00:00Z --kind request | logger-of-yours
                  hadal audit export --from 2026-11-01T00:00:00Z --to 2026-12-01T00:00:00Z --tenant research
                """)

        @OptionGroup var time: Audit.Filter
        @Option(help: "The audit trail as jsonl, cef, syslog or elasticsearch (for its _bulk).")
        var format: TrailFormat?
        @OptionGroup(title: "With --format") var filter: TrailFilter
        @Option(help: ArgumentHelp("At most so many, with --format.", valueName: "count")) var limit: Int?
        @Option(help: ArgumentHelp("Elasticsearch's index or data stream.", valueName: "name"))
        var index = "hadal-audit"
        @Option(help: ArgumentHelp("The file to write; must not exist. Default: standard output.", valueName: "file"))
        var output: String?
        @OptionGroup var data: DataOption

        func validate() throws {
            guard format != nil || (filter.isEmpty && limit == nil) else {
                throw ValidationError("these filters are for the audit trail: give --format")
            }
            guard limit.map({ $0 > 0 }) ?? true else { throw ValidationError("--limit is from 1 on") }
        }

        func run() async throws {
            guard let format else { return try await exportActs() }
            let trail = try await TrailAccess(try data.settings())
            let export = TrailExport(trail: trail, format: format, index: index)
            try await export.run(
                filter.query(time), details: filter.details(time), limit: limit, to: try ExportSink(output))
        }

        private func exportActs() async throws {
            let office = try await Office(data, readsAudit: true)
            let sink = try ExportSink(output)
            var export = try advised("hadal tenants list") { () throws(AccessProblem) in
                try office.administration.exportEvents(
                    in: office.audit, tenant: time.tenant, from: time.begin, to: time.end, by: office.requester)
            }
            while case let events = try export.next(), !events.isEmpty {
                try sink.write(Array(events.map { $0.json.text + "\n" }.joined().utf8))
            }
            try sink.finish()
        }
    }
}
