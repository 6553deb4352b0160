import ArgumentParser
import HadalAccess
import HadalJSON
import HadalTerminal

struct Addresses: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say from where the users of a tenant, or who has a key, may come.",
        discussion: """
            Ranges are in CIDR notation. The server's own lists are in its configuration.

            Examples:
              hadal addresses set --tenant research --allow 10.0.0.0/8 --deny 10.66.0.0/16
              hadal addresses set --key 4f8k2m9q --allow 192.0.2.7
              hadal addresses list
              hadal addresses remove --tenant research
            """,
        subcommands: [List.self, Set.self, Remove.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the lists that were set.",
            discussion: """
                Examples:
                  hadal addresses list
                  hadal addresses list --json
                """)

        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var data: DataOption

        func run() async throws {
            let office = try await Office(data)
            let lists = try office.administration.addressRules(by: office.requester).sorted { $0.key.id < $1.key.id }
            if json { return print(JSON.array(lists.map { $0.key.json($0.value) }).text) }
            let rows = lists.map { subject, rules in
                [subject.id, Cell.list(rules.allow.map(\.description)), Cell.list(rules.deny.map(\.description))]
            }
            print(Table(header: ["FOR", "ALLOW", "DENY"], rows: rows).text)
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set the lists of a tenant or a key, in place of the earlier ones.",
            discussion: """
                Without --allow everybody may come whom --deny does not name.

                Example:
                  hadal addresses set --tenant research --allow 10.0.0.0/8 --allow 2001:db8::/32
                """)

        @OptionGroup var subject: Subject
        @Option(name: .customLong("allow"), help: "A range; may be repeated.") var allowed: [String] = []
        @Option(name: .customLong("deny"), help: "A range, which wins; may be repeated.") var denied: [String] = []
        @OptionGroup var data: DataOption

        func validate() throws {
            try subject.check()
            guard !allowed.isEmpty || !denied.isEmpty else {
                throw ValidationError("say which ranges, with --allow or --deny")
            }
        }

        func run() async throws {
            try await subject.use(try AddressRules(allow: allowed, deny: denied), data)
            print("set the lists of addresses")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove the lists of a tenant or a key.",
            discussion: """
                Example:
                  hadal addresses remove --tenant research
                """)

        @OptionGroup var subject: Subject
        @OptionGroup var data: DataOption

        func validate() throws { try subject.check() }

        func run() async throws {
            try await subject.use(.all, data)
            print("removed the lists of addresses")
        }
    }

    struct Subject: ParsableArguments {
        @Option(help: "A key, by its 8 characters or its id.") var key: String?
        @Option(help: "A tenant.") var tenant: String?

        func check() throws {
            guard (key == nil) != (tenant == nil) else { throw ValidationError("name one tenant or one key") }
        }

        func use(_ rules: AddressRules, _ data: DataOption) async throws {
            let office = try await Office(data)
            let subject: AddressGuard.Subject =
                if let key { .key(try office.keyID(key)) } else { .tenant(tenant ?? "") }
            try advised("hadal tenants list") { () throws(AccessProblem) in
                try office.administration.setAddressRules(rules, for: subject, by: office.requester)
            }
        }
    }
}
