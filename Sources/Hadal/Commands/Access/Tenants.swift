import ArgumentParser
import HadalAccess
import HadalJSON
import HadalTerminal

struct Tenants: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Separate groups of users from each other.",
        discussion: """
            Users, keys, files, conversations, quotas and caches of one tenant do not touch those of another. Those of
            the tenant 'default' run the installation.

            Examples:
              hadal tenants add research --models 'r1*,guide'
              hadal tenants list
              hadal tenants set research --disable
            """,
        subcommands: [List.self, Add.self, Set.self, Remove.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the tenants.",
            discussion: """
                Examples:
                  hadal tenants list
                  hadal tenants list --json
                """)

        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var data: DataOption

        func run() async throws {
            let office = try await Office(data)
            let tenants = try office.administration.tenants(by: office.requester)
            if json { return print(JSON.array(tenants.map(\.json)).text) }
            let rows = tenants.map { tenant in
                [
                    tenant.name, tenant.isEnabled ? "yes" : "no", tenant.models.names.joined(separator: ","),
                    Cell.time(tenant.created), Cell.text(tenant.displayName),
                ]
            }
            print(Table(header: ["NAME", "ENABLED", "MODELS", "CREATED", "DISPLAY NAME"], rows: rows).text)
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a tenant.",
            discussion: """
                Examples:
                  hadal tenants add research
                  hadal tenants add research --display-name "Research" --models 'r1*,guide'
                """)

        @Argument(help: "What it is called.") var name: String
        @OptionGroup var fields: Fields
        @OptionGroup var data: DataOption

        func run() async throws {
            let office = try await Office(data)
            try office.administration.createTenant(
                name: name, displayName: fields.displayName ?? "",
                models: fields.models.map(ModelScope.init(option:)) ?? .all, by: office.requester)
            print("added the tenant \(name); 'hadal users add USER --tenant \(name)' adds somebody to it")
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change a tenant.",
            discussion: """
                Examples:
                  hadal tenants set research --models guide
                  hadal tenants set research --disable
                """)

        @Argument(help: "Which.") var name: String
        @OptionGroup var fields: Fields
        @Flag(help: "Whether its users and keys are let in.") var access: Admittance?
        @OptionGroup var data: DataOption

        func validate() throws {
            guard fields.displayName != nil || fields.models != nil || access != nil else {
                throw ValidationError("say what to change")
            }
        }

        func run() async throws {
            let office = try await Office(data)
            try advised("hadal tenants list") { () throws(AccessProblem) in
                try office.administration.changeTenant(
                    name: name, displayName: fields.displayName, models: fields.models.map(ModelScope.init(option:)),
                    isEnabled: access.map { $0 == .enable }, by: office.requester)
            }
            print("changed the tenant \(name)")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a tenant that nobody is in any more.",
            discussion: """
                What it has on disk stays below the data directory, in 'tenants'.

                Example:
                  hadal tenants remove research
                """)

        @Argument(help: "Which.") var name: String
        @OptionGroup var data: DataOption

        func run() async throws {
            let office = try await Office(data)
            try advised("hadal tenants list") { () throws(AccessProblem) in
                try office.administration.deleteTenant(name: name, by: office.requester)
            }
            print("removed the tenant \(name)")
        }
    }

    struct Fields: ParsableArguments {
        @Option(help: "For people.") var displayName: String?
        @Option(
            help: ArgumentHelp(
                "The models that it may use, divided by commas; 'r1*' is all that begin so, '*' all.",
                valueName: "names"))
        var models: String?
    }
}
