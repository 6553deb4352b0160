import ArgumentParser
import HadalAccess
import HadalJSON
import HadalTerminal

struct UsageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage",
        abstract: "Show who used how much.",
        discussion: """
            A server writes what was used each second. Days are those of UTC.

            Examples:
              hadal usage
              hadal usage --by user,model --from 2026-11-01
              hadal usage --by day --tenant research --json
            """)

    @Option(
        help: ArgumentHelp(
            "A row for each of these, divided by commas: day, tenant, user, key, model.", valueName: "what"))
    var by = "tenant,model"
    @Option(help: ArgumentHelp("The first day, such as 2026-11-01.", valueName: "day")) var from: String?
    @Option(help: ArgumentHelp("The last day.", valueName: "day")) var to: String?
    @Option(help: "Only this tenant's.") var tenant: String?
    @Option(help: "Only this user's.") var user: String?
    @Option(help: "Only this key's.") var key: String?
    @Option(help: "Only this model's.") var model: String?
    @Flag(help: "Write JSON.") var json = false
    @OptionGroup var data: DataOption

    private var dimensions: [UsageDimension]? {
        var dimensions: [UsageDimension] = []
        for word in by.commaSeparated {
            guard let dimension = UsageDimension(rawValue: word), !dimensions.contains(dimension) else { return nil }
            dimensions.append(dimension)
        }
        return dimensions
    }

    func validate() throws {
        guard dimensions != nil else { throw ValidationError("--by takes some of day, tenant, user, key, model") }
    }

    func run() async throws {
        let office = try await Office(data)
        var query = UsageQuery(
            by: dimensions ?? [], from: try from.map { day throws(LimitError) in try UTCDay(parsing: day) },
            to: try to.map { day throws(LimitError) in try UTCDay(parsing: day) })
        query.only[.tenant] = tenant
        query.only[.model] = model
        query.only[.key] = try key.map { try office.keyID($0) }
        query.only[.user] = try user.map { user in
            try advised("hadal users list") { () throws(AccessProblem) in
                try office.administration.userID(named: user, .viewOperations, for: "usage.view", by: office.requester)
            }
        }
        let rows = try await UsageStore(data: office.url).report(query)
        if json { return print(JSON.array(rows.map { $0.json(query.by) }).text) }
        let users = try office.administration.userNames()
        let cells = rows.map { row in
            let names = zip(query.by, row.names).map { Cell.text(($0 == .user ? users[$1] : nil) ?? $1) }
            return names + [
                "\(row.requests)", "\(row.promptTokens)", "\(row.cachedTokens)", "\(row.answerTokens)", "\(row.cost)",
            ]
        }
        let count = query.by.count
        print(
            Table(
                header: query.by.map { $0.rawValue.uppercased() } + ["REQUESTS", "PROMPT", "CACHED", "ANSWER", "COST"],
                rows: cells, numbers: Swift.Set(count..<count + 5)
            ).text)
    }
}
