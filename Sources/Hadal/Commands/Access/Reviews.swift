import ArgumentParser
import Foundation
import HadalAccess
import HadalJSON
import HadalTerminal

struct Reviews: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Allow or refuse questions that wait for a person.",
        discussion: """
            Rules and thresholds may hold a question back until somebody has looked at it (docs/content.md). Who asked
            it may then ask it again. An ID is the request's: 'hadal audit show ID --texts' shows what was asked, as far
            as that is kept.

            Examples:
              hadal reviews list --waiting
              hadal reviews allow chatcmpl-8k2m4f9q1z0x7c3v5b6n2a4s
              hadal reviews refuse chatcmpl-8k2m4f9q1z0x7c3v5b6n2a4s
            """,
        subcommands: [List.self, Allow.self, Refuse.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show questions, the newest first.",
            discussion: """
                Examples:
                  hadal reviews list --waiting
                  hadal reviews list --tenant research --json
                """)

        @Flag(help: "Only those that wait.") var waiting = false
        @Option(help: "Only this tenant's.") var tenant: String?
        @Option(help: ArgumentHelp("At most so many, up to 1000.", valueName: "count")) var limit = 100
        @Option(help: ArgumentHelp("Those before the one of this number.", valueName: "number")) var before: Int64?
        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var data: DataOption

        func validate() throws {
            guard (1...ReviewStore.pageMax).contains(limit) else {
                throw ValidationError("--limit is from 1 to \(ReviewStore.pageMax)")
            }
        }

        func run() async throws {
            let office = try await Office(data)
            let store = try ReviewStore(data: office.url)
            let entries = try advised("hadal tenants list") { () throws(AccessProblem) in
                try office.administration.reviews(
                    in: store, tenant: tenant, waitingOnly: waiting, before: before, limit: limit,
                    by: office.requester)
            }
            if json { return print(JSON.array(entries.map(\.json)).text) }
            let rows = entries.map { entry in
                let question = entry.question
                return [
                    "\(entry.number)", question.id, question.time.ISO8601Format(), question.tenant, question.userName,
                    question.model, entry.state(at: Date()), question.verdicts,
                ]
            }
            let header = ["NUMBER", "ID", "TIME", "TENANT", "USER", "MODEL", "STATE", "VERDICTS"]
            print(Table(header: header, rows: rows, numbers: [0]).text)
        }
    }

    struct Allow: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a question be asked, by the same user, for 24 hours.",
            discussion: """
                Example:
                  hadal reviews allow chatcmpl-8k2m4f9q1z0x7c3v5b6n2a4s
                """)

        @Argument(help: "The question's.") var id: String
        @OptionGroup var data: DataOption

        func run() async throws {
            let entry = try await Reviews.decide(id, isAllowed: true, data)
            print("allowed until \(Cell.time(entry.decision?.expires))")
        }
    }

    struct Refuse: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a question not be asked, also where it was allowed.",
            discussion: """
                Example:
                  hadal reviews refuse chatcmpl-8k2m4f9q1z0x7c3v5b6n2a4s
                """)

        @Argument(help: "The question's.") var id: String
        @OptionGroup var data: DataOption

        func run() async throws {
            let entry = try await Reviews.decide(id, isAllowed: false, data)
            print("refused \(entry.question.id)")
        }
    }

    private static func decide(_ id: String, isAllowed: Bool, _ data: DataOption) async throws -> ReviewEntry {
        let office = try await Office(data)
        let store = try ReviewStore(data: office.url)
        return try advised("hadal reviews list") { () throws(AccessProblem) in
            try office.administration.review(id, isAllowed: isAllowed, in: store, by: office.requester)
        }
    }
}

extension ReviewEntry {
    fileprivate func state(at now: Date) -> String {
        guard let decision else { return "waiting" }
        guard decision.isAllowed else { return "refused" }
        return decision.expires > now ? "allowed" : "expired"
    }
}
