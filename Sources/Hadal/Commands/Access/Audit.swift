import ArgumentParser
import Foundation
import HadalAccess
import HadalJSON
import HadalTerminal

struct Audit: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show, check and export who did what, what was asked, and what was refused.",
        discussion: """
            Acts of administration are listed at once. The audit trail (docs/audit.md) has them too, beside all
            requests, once a server has run: search, show, verify, replay and status read it.

            Examples:
              hadal audit
              hadal audit --limit 20 --tenant research
              hadal audit search --kind request --outcome blocked
              hadal audit export --format jsonl --from 2026-11-01T00:00:00Z --output november.jsonl
              hadal audit verify
            """,
        subcommands: [
            List.self, Search.self, Show.self, Export.self, Verify.self, Replay.self, Status.self,
        ], defaultSubcommand: List.self)

    struct Filter: ParsableArguments {
        @Option(help: ArgumentHelp("From then on, such as 2026-11-01T00:00:00Z.", valueName: "time")) var from: String?
        @Option(help: ArgumentHelp("Before then.", valueName: "time")) var to: String?
        @Option(help: "Only this tenant's.") var tenant: String?

        var begin: Date? { from.flatMap(time) }
        var end: Date? { to.flatMap(time) }

        func validate() throws {
            for text in [from, to].compactMap({ $0 }) where time(text) == nil {
                throw ValidationError("'\(text)' is no time; write one such as 2026-11-01T00:00:00Z")
            }
        }

        private func time(_ text: String) -> Date? { try? Date(text, strategy: .iso8601) }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List acts of administration, the newest first. This is what 'hadal audit' alone does.",
            discussion: """
                Examples:
                  hadal audit list --limit 20 --tenant research
                  hadal audit list --from 2026-11-01T00:00:00Z --json
                  hadal audit list --before 4711
                """)

        @OptionGroup var filter: Filter
        @Option(help: ArgumentHelp("At most so many, up to 1000.", valueName: "count")) var limit = 100
        @Option(help: ArgumentHelp("Those before the event of this number.", valueName: "number")) var before: Int64?
        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var data: DataOption

        func validate() throws {
            guard (1...AuditLog.pageMax).contains(limit) else {
                throw ValidationError("--limit is from 1 to \(AuditLog.pageMax)")
            }
        }

        func run() async throws {
            let office = try await Office(data, readsAudit: true)
            let events = try advised("hadal tenants list") { () throws(AccessProblem) in
                try office.administration.events(
                    in: office.audit, tenant: filter.tenant, from: filter.begin ?? .distantPast,
                    to: filter.end ?? .distantFuture, before: before, limit: limit, by: office.requester)
            }
            if json { return print(JSON.array(events.map(\.json)).text) }
            let rows = events.map { recorded in
                let event = recorded.event
                let details = event.details.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
                return [
                    "\(recorded.number)", event.time.ISO8601Format(), event.actorName, event.action,
                    Cell.text(event.target), event.outcome.rawValue, details.joined(separator: "; "),
                ]
            }
            let header = ["NUMBER", "TIME", "WHO", "ACTION", "TARGET", "OUTCOME", "DETAILS"]
            print(Table(header: header, rows: rows, numbers: [0]).text)
        }
    }
}
