import ArgumentParser
import Foundation
import HadalAccess
import HadalJSON
import HadalTerminal

struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make API keys, renew and revoke them.",
        discussion: """
            A key acts for a user, or for a program that has roles of its own. Its secret is shown once, when it is
            made; a KEY is named by its 8 characters, which stand between 'hadal_' and the secret.

            Examples:
              hadal keys create --name ci --role user --expires 90d
              hadal keys create --name laptop --user ana
              hadal keys list
              hadal keys edit 4f8k2m9q --expires 30d
              hadal keys rotate 4f8k2m9q --overlap 24h
              hadal keys revoke 4f8k2m9q
            """,
        subcommands: [List.self, Create.self, Edit.self, Rotate.self, Revoke.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the keys, without their secrets.",
            discussion: """
                Examples:
                  hadal keys list
                  hadal keys list --all --json
                """)

        @Flag(help: "Also those that were revoked or have expired.") var all = false
        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var data: DataOption

        func run() async throws {
            let office = try await Office(data)
            let now = Date()
            let keys = try office.administration.keys(by: office.requester)
                .filter { key in all || key.revoked == nil && key.expires.map { $0 > now } ?? true }
            let names = try office.administration.userNames()
            if json { return print(JSON.array(keys.map { $0.json(names) }).text) }
            let rows = keys.map { key in
                let roles: Swift.Set<String> = if case .service(let roles) = key.owner { roles } else { [] }
                return [
                    key.prefix, key.name, key.tenant, names.owner(of: key) ?? "role \(Cell.list(roles))",
                    key.models.names.joined(separator: ","), key.state(at: now), Cell.time(key.lastUsed),
                ]
            }
            print(
                Table(header: ["KEY", "NAME", "TENANT", "ACTS FOR", "MODELS", "EXPIRES", "LAST USED"], rows: rows).text)
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key and show its secret, this once.",
            discussion: """
                With --scopes it can do less than its user or roles. 'hadal roles' shows the permissions.

                Examples:
                  hadal keys create --name ci --role user --tenant research --expires 90d
                  hadal keys create --name laptop --user ana
                  hadal keys create --name metrics --role operator --scopes operations.view
                  hadal keys create --name app --models 'r1*,guide'
                """)

        @Option(help: "What it is for.") var name: String
        @Option(help: "The user that it acts for.") var user: String?
        @Option(
            name: .customLong("role"), help: "Of a program that is no user; may be repeated. Default: user.")
        var roles: [String] = []
        @Option(help: "Of a program. Default: default.") var tenant: String?
        @Option(help: ArgumentHelp("How long it counts: 90d, 12h. Default: until it is revoked.", valueName: "span"))
        var expires: Span?
        @Option(
            help: ArgumentHelp(
                "The models that it may use, divided by commas; 'r1*' is all that begin so. Default: all.",
                valueName: "names"))
        var models: String?
        @Option(
            help: ArgumentHelp(
                "The permissions that it has, divided by commas. Default: all of its user or roles.",
                valueName: "permissions"))
        var scopes: PermissionList?
        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var data: DataOption

        func validate() throws {
            guard user == nil || roles.isEmpty && tenant == nil else {
                throw ValidationError("a user's key has the user's roles and tenant: leave out --role and --tenant")
            }
        }

        func run() async throws {
            let office = try await Office(data)
            let owner: KeyRequest.Owner =
                if let user { .user(named: user) } else {
                    .service(roles: roles.isEmpty ? [RoleMatrix.user] : Swift.Set(roles), tenant: tenant)
                }
            let request = KeyRequest(
                name: name, owner: owner, scopes: scopes?.permissions,
                models: models.map(ModelScope.init(option:)) ?? .all,
                expires: expires.map { Date().addingTimeInterval($0.seconds) })
            let new = try advised(user == nil ? "hadal tenants list" : "hadal users list") { () throws(AccessProblem) in
                try office.administration.createKey(request, by: office.requester)
            }
            try Keys.show(new, office, json)
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a key a new secret and show it, this once.",
            discussion: """
                Examples:
                  hadal keys rotate 4f8k2m9q
                  hadal keys rotate 4f8k2m9q --overlap 24h
                """)

        @Argument(help: "Its 8 characters, or its id.") var key: String
        @Option(
            help: ArgumentHelp(
                "How long the old secret still counts, at most 30d. Default: not at all.", valueName: "span"))
        var overlap: Span?
        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var data: DataOption

        func run() async throws {
            let office = try await Office(data)
            let key = try office.key(key)
            let new = try office.administration.rotateKey(
                id: key.id, overlap: overlap?.seconds ?? 0, by: office.requester)
            try Keys.show(new, office, json)
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a key at once and for good.",
            discussion: """
                Example:
                  hadal keys revoke 4f8k2m9q
                """)

        @Argument(help: "Its 8 characters, or its id.") var key: String
        @OptionGroup var data: DataOption

        func run() async throws {
            let office = try await Office(data)
            let key = try office.key(key)
            try office.administration.revokeKey(id: key.id, by: office.requester)
            print("revoked \(key.prefix), \(key.name)")
        }
    }

    private static func show(_ new: NewKey, _ office: Office, _ json: Bool) throws {
        if json {
            var members = new.key.json(try office.administration.userNames()).object ?? JSON.Object()
            members["secret"] = .string(new.secret)
            return print(JSON.object(members).text)
        }
        print(
            """
            \(new.secret)

            Keep it: it is not shown again. Try, while 'hadal serve' runs,

              curl http://127.0.0.1:8000/v1/models -H 'Authorization: Bearer \(new.secret)'
            """)
    }
}

extension APIKey {
    fileprivate func state(at now: Date) -> String {
        if revoked != nil { return "revoked" }
        return expires.map { $0 > now ? Cell.time($0) : "expired" } ?? "never"
    }
}
