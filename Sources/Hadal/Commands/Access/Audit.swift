import ArgumentParser
import Foundation
import HadalAccess
import HadalJSON
import HadalTerminal

struct Audit: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show who did what, and what was refused; the newest first.",
        discussion: """
            Examples:
              hadal audit
              hadal audit --limit 20 --tenant research
              hadal audit --from 2026-11-01T00:00:00Z --json
              hadal audit --before 4711
            """)

    @Option(help: ArgumentHelp("From then on, such as 2026-11-01T00:00:00Z.", valueName: "time")) var from: String?
    @Option(help: ArgumentHelp("Before then.", valueName: "time")) var to: String?
    @Option(help: "Only this tenant's.") var tenant: String?
    @Option(help: ArgumentHelp("At most so many, up to 1000.", valueName: "count")) var limit = 100
    @Option(help: ArgumentHelp("Those before the event of this number.", valueName: "number")) var before: Int64?
    @Flag(help: "Write JSON.") var json = false
    @OptionGroup var data: DataOption

    func validate() throws {
        guard (1...AuditLog.pageMax).contains(limit) else {
            throw ValidationError("--limit is from 1 to \(AuditLog.pageMax)")
        }
        for text in [from, to].compactMap({ $0 }) where time(text) == nil {
            throw ValidationError("'\(text)' is no time; write one such as 2026-11-01T00:00:00Z")
        }
    }

    func run() throws {
        let office = try Office(data)
        let events = try advised("hadal tenants list") { () throws(AccessProblem) in
            try office.administration.events(
                in: office.audit, tenant: tenant, from: from.flatMap(time) ?? .distantPast,
                to: to.flatMap(time) ?? .distantFuture, before: before, limit: limit, by: office.requester)
        }
        if json { return print(JSON.array(events.map(\.json)).text) }
        let rows = events.map { recorded in
            let event = recorded.event
            let details = event.details.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
            return [
                "\(recorded.number)", event.time.ISO8601Format(), event.actorName, event.action,
                Cell.text(event.target),
                event.outcome.rawValue, details.joined(separator: "; "),
            ]
        }
        print(
            Table(
                header: ["NUMBER", "TIME", "WHO", "ACTION", "TARGET", "OUTCOME", "DETAILS"], rows: rows, numbers: [0]
            ).text)
    }

    private func time(_ text: String) -> Date? { try? Date(text, strategy: .iso8601) }
}
