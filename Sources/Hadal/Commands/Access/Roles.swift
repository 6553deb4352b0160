import ArgumentParser
import HadalAccess
import HadalJSON
import HadalTerminal

struct Roles: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what each role may do, and make roles of your own.",
        discussion: """
            Examples:
              hadal roles
              hadal roles show auditor
              hadal roles add support --permission audit.view --permission access.view
              hadal roles remove support
            """,
        subcommands: [List.self, Show.self, Add.self, Set.self, Remove.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the table of permissions and roles.",
            discussion: """
                Examples:
                  hadal roles
                  hadal roles list --json
                """)

        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var data: DataOption

        func run() async throws {
            let roles = try await Office(data).administration.roles()
            if json { return print(JSON.array(roles.map(\.json)).text) }
            let builtIn = roles.filter(\.isBuiltIn)
            let rows = Permission.allCases.map { permission in
                [permission.rawValue] + builtIn.map { $0.permissions.contains(permission) ? "yes" : "-" }
                    + [permission.isCritical ? "yes" : "-", permission.isInstallationWide ? "yes" : "-"]
            }
            print(Table(header: ["PERMISSION"] + builtIn.map(\.name) + ["2FA", "DEFAULT"], rows: rows).text)
            print(
                """

                2FA: asks for a second factor each time. DEFAULT: counts only for those of the tenant
                'default', who run the installation. What no role has, one of your own can give:
                'hadal roles add --help'.
                """)
            for role in roles where !role.isBuiltIn { print("\n\(Roles.text(role))") }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a role.",
            discussion: """
                Examples:
                  hadal roles show auditor
                  hadal roles show support --json
                """)

        @Argument(help: "Which.") var name: String
        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var data: DataOption

        func run() async throws {
            guard let role = try await Office(data).administration.roles().first(where: { $0.name == name }) else {
                throw CommandFailure("there is no role '\(name)'; 'hadal roles' shows all")
            }
            print(json ? role.json.text : Roles.text(role))
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a role.",
            discussion: """
                Examples:
                  hadal roles add support --permission audit.view --permission access.view
                  hadal roles add reader --about "reads conversations" --permission conversations.read
                  hadal roles add tester --permission models.use --models 'test*'
                """)

        @Argument(help: "What it is called.") var name: String
        @OptionGroup var fields: Fields
        @OptionGroup var data: DataOption

        func validate() throws {
            guard !fields.permissions.isEmpty else {
                throw ValidationError("say with --permission what the role may do")
            }
        }

        func run() async throws {
            let office = try await Office(data)
            try office.administration.createRole(
                name: name, about: fields.about ?? "", permissions: Swift.Set(fields.permissions),
                models: fields.models.map(ModelScope.init(option:)) ?? .all, by: office.requester)
            print("made the role \(name); 'hadal users set USER --role \(name)' gives it to somebody")
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change a role of your own, for all who have it.",
            discussion: """
                The permissions that are given take the place of the earlier ones.

                Example:
                  hadal roles set support --permission audit.view
                """)

        @Argument(help: "Which.") var name: String
        @OptionGroup var fields: Fields
        @OptionGroup var data: DataOption

        func validate() throws {
            guard !fields.permissions.isEmpty || fields.about != nil || fields.models != nil else {
                throw ValidationError("say what to change")
            }
        }

        func run() async throws {
            let office = try await Office(data)
            try advised("hadal roles") { () throws(AccessProblem) in
                try office.administration.changeRole(
                    name: name, about: fields.about,
                    permissions: fields.permissions.isEmpty ? nil : Swift.Set(fields.permissions),
                    models: fields.models.map(ModelScope.init(option:)), by: office.requester)
            }
            print("changed the role \(name)")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a role of your own that nobody has.",
            discussion: """
                Example:
                  hadal roles remove support
                """)

        @Argument(help: "Which.") var name: String
        @OptionGroup var data: DataOption

        func run() async throws {
            let office = try await Office(data)
            try advised("hadal roles") { () throws(AccessProblem) in
                try office.administration.deleteRole(name: name, by: office.requester)
            }
            print("removed the role \(name)")
        }
    }

    struct Fields: ParsableArguments {
        @Option(name: .customLong("permission"), help: "May be repeated.") var permissions: [Permission] = []
        @Option(help: "For people.") var about: String?
        @Option(
            help: ArgumentHelp(
                "The models that it is for, divided by commas; 'r1*' is all that begin so. Default: all.",
                valueName: "names"))
        var models: String?
    }

    private static func text(_ role: Role) -> String {
        """
        \(role.name)\(role.about.isEmpty ? "" : ": \(role.about)")
          permissions: \(Cell.list(role.permissions.map(\.rawValue)).replacing(",", with: ", "))
          models: \(role.models.names.joined(separator: ", "))
        """
    }
}

extension Permission: ExpressibleByArgument {}
