import ArgumentParser
import HadalAudit
import HadalJSON
import HadalTerminal

extension Audit {
    struct Search: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Find requests and acts in the audit trail; the newest first.",
            discussion: """
                Needs no server, and may run beside one.

                Examples:
                  hadal audit search --limit 20
                  hadal audit search --kind request --tenant research --outcome blocked
                  hadal audit search --from 2026-11-01T00:00:00Z --user user:3f2a --json
                """)

        @OptionGroup var time: Audit.Filter
        @OptionGroup var filter: TrailFilter
        @Option(help: ArgumentHelp("At most so many.", valueName: "count")) var limit = 100
        @Option(help: ArgumentHelp("Those before the record of this number.", valueName: "number")) var before: UInt64?
        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var data: DataOption

        func validate() throws {
            guard (1...1_000_000).contains(limit) else { throw ValidationError("--limit is from 1 to 1000000") }
        }

        func run() async throws {
            let trail = try await TrailAccess(try data.settings())
            var query = filter.query(time)
            query.before = before
            let records = try trail.search.page(query, limit: limit)
            if json { return print(JSON.array(try records.map(Self.json)).text) }
            let rows = records.map { record in
                [
                    "\(record.sequence)", AuditTime.text(record.time, digits: 0), record.kind.rawValue,
                    Cell.text(record.tenant ?? ""), Cell.text(record.user ?? ""), Cell.text(record.action ?? ""),
                    Cell.text(record.model ?? record.target ?? ""), record.outcome,
                    record.tokens.map { "\($0.prompt)+\($0.completion)" } ?? "-", Cell.text(record.requestID ?? ""),
                ]
            }
            let header = [
                "NUMBER", "TIME", "KIND", "TENANT", "USER", "ACTION", "MODEL/TARGET", "OUTCOME", "TOKENS", "REQUEST",
            ]
            print(Table(header: header, rows: rows, numbers: [0, 8]).text)
        }

        static func json(_ record: AuditRecord) throws -> JSON { try JSON(parsing: record.canonicalBytes) }
    }
}
