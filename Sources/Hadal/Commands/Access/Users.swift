import ArgumentParser
import Foundation
import HadalAccess
import HadalJSON
import HadalTerminal

struct Users: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say who may use the server, and as what.",
        discussion: """
            As soon as there is a user or a key, everybody has to show one, on loopback too. A running server sees
            changes with its next request.

            Examples:
              hadal users add ana --role administrator
              hadal users list
              hadal users set ana --role administrator --role auditor
              hadal users password ana
            """,
        subcommands: [List.self, Add.self, Set.self, Remove.self, Password.self, ResetSecondFactor.self, Unlock.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the users.",
            discussion: """
                Examples:
                  hadal users list
                  hadal users list --json
                """)

        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var data: DataOption

        func run() async throws {
            let office = try await Office(data)
            let users = try office.administration.users(by: office.requester)
            if json { return print(JSON.array(users.map(\.json)).text) }
            let rows = users.map { user in
                [
                    user.name, user.tenant, Cell.list(user.roles), user.isEnabled ? "yes" : "no",
                    user.hasPassword ? "yes" : "no", user.hasSecondFactor ? "yes" : "no", Cell.text(user.displayName),
                ]
            }
            print(
                Table(header: ["NAME", "TENANT", "ROLES", "ENABLED", "PASSWORD", "2FA", "DISPLAY NAME"], rows: rows)
                    .text)
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a user.",
            discussion: """
                Without --password-file the password is asked for, or read from standard input where that is no
                terminal. 'hadal roles' shows what each role may do.

                Examples:
                  hadal users add ana --role administrator
                  hadal users add bo --tenant research --password-file bo.txt
                  hadal users add ci --no-password --certificate-uri hadal:user:ci
                """)

        @Argument(help: "The name to log in with.") var name: String
        @Option(help: "For people.") var displayName = ""
        @Option(help: "Default: default.") var tenant: String?
        @Option(name: .customLong("role"), help: "May be repeated. Default: user.") var roles: [String] = []
        @Flag(help: "They come by key, certificate or token alone.") var noPassword = false
        @OptionGroup var password: PasswordOption
        @OptionGroup var links: LinkOptions
        @OptionGroup var data: DataOption

        func validate() throws {
            guard !noPassword || password.passwordFile == nil else {
                throw ValidationError("--no-password and --password-file contradict each other")
            }
        }

        func run() async throws {
            let office = try await Office(data)
            let new = NewUser(
                name: name, displayName: displayName, tenant: tenant,
                roles: roles.isEmpty ? [RoleMatrix.user] : Swift.Set(roles),
                password: noPassword ? nil : try password.read(for: name), links: try links.all)
            let user = try advised("hadal tenants list") { () throws(AccessProblem) in
                try office.administration.createUser(new, by: office.requester)
            }
            print("added \(user.name) to \(user.tenant) as \(Cell.list(user.roles))")
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change a user.",
            discussion: """
                What is not named stays; the roles and links that are given take the place of the earlier ones.

                Examples:
                  hadal users set ana --role administrator --role auditor
                  hadal users set bo --disable
                  hadal users set ana --subject https://login.example.org#248289761001
                  hadal users set ana --certificate-uri hadal:user:ana
                """)

        @Argument(help: "Who.") var name: String
        @Option(help: "For people.") var displayName: String?
        @Option(name: .customLong("role"), help: "May be repeated.") var roles: [String] = []
        @Flag(help: "Whether they are let in.") var access: Admittance?
        @Flag(help: "Remove all links.") var noLinks = false
        @OptionGroup var links: LinkOptions
        @OptionGroup var data: DataOption

        func validate() throws {
            guard !noLinks || links.isEmpty else { throw ValidationError("--no-links goes with no link") }
            guard displayName != nil || !roles.isEmpty || access != nil || noLinks || !links.isEmpty else {
                throw ValidationError("say what to change")
            }
        }

        func run() async throws {
            let office = try await Office(data)
            let change = UserChange(
                displayName: displayName, roles: roles.isEmpty ? nil : Swift.Set(roles),
                isEnabled: access.map { $0 == .enable },
                links: noLinks ? [] : links.isEmpty ? nil : try links.all)
            try advised("hadal users list") { () throws(AccessProblem) in
                _ = try office.administration.changeUser(named: name, change, by: office.requester)
            }
            print("changed \(name)")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a user, with all keys and sessions.",
            discussion: """
                Example:
                  hadal users remove bo
                """)

        @Argument(help: "Who.") var name: String
        @OptionGroup var data: DataOption

        func run() async throws {
            let office = try await Office(data)
            try advised("hadal users list") { () throws(AccessProblem) in
                try office.administration.deleteUser(named: name, by: office.requester)
            }
            print("removed \(name)")
        }
    }
}
