import ArgumentParser
import HadalAccess
import HadalJSON
import HadalTerminal

struct LimitsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limits",
        abstract: "Say how much single keys, users, tenants and models may.",
        discussion: """
            What is set here takes the place of the configuration's defaults; docs/limits.md tells what each limit
            means. A running server counts by it from its next request on.

            Examples:
              hadal limits set --user ana --requests-per-minute 100 --tokens-per-day 2000000
              hadal limits set --tenant research --model r1 --concurrent-requests 4
              hadal limits set --key 4f8k2m9q --requests-per-minute none
              hadal limits list
              hadal limits remove --user ana
            """,
        subcommands: [List.self, Set.self, Remove.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the limits that were set.",
            discussion: """
                Examples:
                  hadal limits list
                  hadal limits list --json
                """)

        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var data: DataOption

        func run() async throws {
            let office = try await Office(data)
            let scopes = ScopeLimits.grouped(try office.administration.limits(by: office.requester))
            let names = try office.administration.userNames()
            if json { return print(JSON.array(scopes.map { $0.json(names) }).text) }
            let rows = scopes.flatMap { limits in
                let user: String? = if case .user(let id) = limits.scope { names[id] } else { nil }
                let name = user.map { "user:\($0)" } ?? limits.scope.id
                return limits.limits.map { kind, value in [name, kind.rawValue, kind.text(value)] }
            }
            print(Table(header: ["SCOPE", "LIMIT", "VALUE"], rows: rows, numbers: [2]).text)
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set limits of one scope; its others stay.",
            discussion: """
                Each limit is a number, or 'none': no limit, whatever the default is. Without a scope they are the whole
                server's.

                Examples:
                  hadal limits set --user ana --requests-per-minute 100
                  hadal limits set --tenant research --cost-per-month 250 --tokens-per-month none
                """)

        @OptionGroup var options: ScopeOptions
        @Option var requestsPerMinute: String?
        @Option var tokensPerMinute: String?
        @Option var concurrentRequests: String?
        @Option(help: "Days are those of UTC.") var tokensPerDay: String?
        @Option(help: "Months are those of UTC.") var tokensPerMonth: String?
        @Option(help: "In the unit of the configuration's prices.") var costPerMonth: String?
        @OptionGroup var data: DataOption

        private var given: [(LimitKind, String)] {
            [
                (.requestsPerMinute, requestsPerMinute), (.tokensPerMinute, tokensPerMinute),
                (.concurrentRequests, concurrentRequests), (.tokensPerDay, tokensPerDay),
                (.tokensPerMonth, tokensPerMonth), (.costPerMonth, costPerMonth),
            ].compactMap { kind, text in text.map { (kind, $0) } }
        }

        func validate() throws {
            guard !given.isEmpty else { throw ValidationError("say which limit, such as --requests-per-minute 100") }
            try options.check()
        }

        func run() async throws {
            let office = try await Office(data)
            let scope = try options.scope(office)
            var limits: [LimitKind: Int?] = [:]
            for (kind, text) in given { limits[kind] = .some(try kind.value(parsing: text)) }
            try advised("hadal tenants list") { () throws(AccessProblem) in
                try office.administration.setLimits(of: scope, limits, by: office.requester)
            }
            print("set \(given.map { "\($0.0.rawValue) \($0.1)" }.joined(separator: ", ")) for \(options.shown(scope))")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove limits of one scope: the defaults count again.",
            discussion: """
                Examples:
                  hadal limits remove --user ana
                  hadal limits remove --tenant research --kind cost-per-month
                """)

        @OptionGroup var options: ScopeOptions
        @Option(name: .customLong("kind"), help: "Which; may be repeated. Default: all.") var kinds: [LimitKind] = []
        @OptionGroup var data: DataOption

        func validate() throws { try options.check() }

        func run() async throws {
            let office = try await Office(data)
            let scope = try options.scope(office)
            try advised("hadal limits list") { () throws(AccessProblem) in
                try office.administration.removeLimits(of: scope, Swift.Set(kinds), by: office.requester)
            }
            print("removed limits of \(options.shown(scope))")
        }
    }
}

/// Whom or what a limit is about; nothing is the server.
struct ScopeOptions: ParsableArguments {
    @Option(help: "A key, by its 8 characters or its id.") var key: String?
    @Option(help: "A user.") var user: String?
    @Option(help: "A tenant.") var tenant: String?
    @Option(help: "A model, whoever asks it; with --tenant, as one tenant uses it.") var model: String?

    /// Whether the options name one scope.
    func check() throws {
        do throws(LimitError) { _ = try LimitScope(key: key, user: user, tenant: tenant, model: model) } catch {
            throw ValidationError("\(error)")
        }
    }

    /// With the name by which a user was given.
    func shown(_ scope: LimitScope) -> String { user.map { "user:\($0)" } ?? scope.id }

    /// Users that are no more can be named by their ids.
    func scope(_ office: Office) throws -> LimitScope {
        let keyID = try key.map { try office.keyID($0) }
        let userID = try user.map { user in
            try advised("hadal users list") { () throws(AccessProblem) in
                try office.administration.userID(named: user, .manageLimits, for: "limit.set", by: office.requester)
            }
        }
        return try LimitScope(key: keyID, user: userID, tenant: tenant, model: model)
    }
}

extension LimitKind: ExpressibleByArgument {}
