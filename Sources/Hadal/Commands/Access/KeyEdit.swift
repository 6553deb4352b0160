import ArgumentParser
import Foundation
import HadalAccess
import HadalJSON

extension Keys {
    struct Edit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change what a key may, and until when; its secret stays.",
            discussion: """
                What is not named stays; scopes and models that are given take the place
                of the earlier ones. Whom it acts for, and with which roles, does not
                change: make another key.

                Examples:
                  hadal keys edit 4f8k2m9q --expires 30d
                  hadal keys edit 4f8k2m9q --name 'nightly build' --models 'r1*,guide'
                  hadal keys edit 4f8k2m9q --no-expiry --no-scopes
                """)

        @Argument(help: "Its 8 characters, or its id.") var key: String
        @Option(help: "What it is for.") var name: String?
        @Option(help: ArgumentHelp("How long it counts from now on: 90d, 12h.", valueName: "span")) var expires: Span?
        @Flag(help: "It counts until it is revoked.") var noExpiry = false
        @Option(
            help: ArgumentHelp(
                "The models that it may use, divided by commas; 'r1*' is all that begin so, '*' all.",
                valueName: "names"))
        var models: String?
        @Option(help: ArgumentHelp("The permissions that it has, divided by commas.", valueName: "permissions"))
        var scopes: PermissionList?
        @Flag(help: "It has all permissions of its user or roles.") var noScopes = false
        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var data: DataOption

        func validate() throws {
            guard expires == nil || !noExpiry else { throw ValidationError("--expires and --no-expiry contradict") }
            guard scopes == nil || !noScopes else { throw ValidationError("--scopes and --no-scopes contradict") }
            guard name != nil || expires != nil || noExpiry || models != nil || scopes != nil || noScopes else {
                throw ValidationError("say what to change")
            }
        }

        func run() async throws {
            let office = try await Office(data)
            let change = KeyChange(
                name: name, scopes: noScopes ? .all : scopes.map { .only($0.permissions) },
                models: models.map(ModelScope.init(option:)),
                expires: noExpiry ? .never : expires.map { .at(Date().addingTimeInterval($0.seconds)) })
            let changed = try office.administration.changeKey(
                id: try office.key(key).id, change, by: office.requester)
            if json { return print(changed.json(try office.administration.userNames()).text) }
            print("changed \(changed.prefix), \(changed.name)")
        }
    }
}
