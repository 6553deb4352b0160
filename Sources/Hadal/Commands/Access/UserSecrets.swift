import ArgumentParser
import HadalAccess

extension Users {
    struct Password: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set a user's password; their sessions end.",
            discussion: """
                Examples:
                  hadal users password ana
                  pass show hadal/ana | hadal users password ana
                  hadal users password ci --remove
                """)

        @Argument(help: "Whose.") var name: String
        @Flag(help: "Take it away: they come by key, certificate or token alone.") var remove = false
        @OptionGroup var password: PasswordOption
        @OptionGroup var data: DataOption

        func validate() throws {
            guard !remove || password.passwordFile == nil else {
                throw ValidationError("--remove and --password-file contradict each other")
            }
        }

        func run() async throws {
            let office = try await Office(data)
            // Whoever mistypes a name should not have to type a password first.
            try advised("hadal users list") { () throws(AccessProblem) in
                _ = try office.administration.user(named: name, by: office.requester)
            }
            let new = remove ? nil : try password.read(for: name)
            try office.administration.setPassword(ofUserNamed: name, to: new, by: office.requester)
            print(
                remove ? "\(name) has no password any more" : "set the password of \(name); their sessions have ended")
        }
    }

    struct ResetSecondFactor: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reset-second-factor",
            abstract: "Take away the second factor of a user who has lost it; their sessions end.",
            discussion: """
                Example:
                  hadal users reset-second-factor ana
                """)

        @Argument(help: "Whose.") var name: String
        @OptionGroup var data: DataOption

        func run() async throws {
            let office = try await Office(data)
            try advised("hadal users list") { () throws(AccessProblem) in
                try office.administration.resetSecondFactor(ofUserNamed: name, by: office.requester)
            }
            print("\(name) has no second factor any more and can set up a new one")
        }
    }

    struct Unlock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a user try again who was locked out by wrong attempts.",
            discussion: """
                Example:
                  hadal users unlock ana
                """)

        @Argument(help: "Whom.") var name: String
        @OptionGroup var data: DataOption

        func run() async throws {
            let office = try await Office(data)
            try advised("hadal users list") { () throws(AccessProblem) in
                try office.administration.unlock(userNamed: name, by: office.requester)
            }
            print("\(name) can log in again")
        }
    }
}

/// What stands for a user elsewhere.
struct LinkOptions: ParsableArguments {
    @Option(
        name: .customLong("subject"),
        help: ArgumentHelp("Who they are to an issuer of tokens; may be repeated.", valueName: "issuer#subject"))
    var subjects: [String] = []
    @Option(
        name: .customLong("certificate-fingerprint"),
        help: ArgumentHelp("SHA-256 of a client certificate, in hex; may be repeated.", valueName: "sha256"))
    var fingerprints: [String] = []
    @Option(
        name: .customLong("certificate-uri"),
        help: ArgumentHelp("A URI in their certificate, such as hadal:user:NAME; may be repeated.", valueName: "uri"))
    var uris: [String] = []
    @Option(
        name: .customLong("certificate-email"),
        help: ArgumentHelp("An e-mail address in their certificate; may be repeated.", valueName: "email"))
    var emails: [String] = []
    @Option(
        name: .customLong("certificate-name"),
        help: ArgumentHelp("Their certificate's common name; may be repeated.", valueName: "name"))
    var names: [String] = []

    var isEmpty: Bool { [subjects, fingerprints, uris, emails, names].allSatisfy(\.isEmpty) }

    var all: Set<IdentityLink> {
        get throws {
            var links = Set(fingerprints.map { IdentityLink.certificateFingerprint($0) })
            links.formUnion(uris.map { .certificateURI($0) })
            links.formUnion(emails.map { .certificateEmail($0) })
            links.formUnion(names.map { .certificateName($0) })
            for text in subjects {
                // A subject may have any character, an issuer's URL no '#' (OpenID Connect Discovery 4.1).
                guard let mark = text.firstIndex(of: "#"), mark != text.startIndex else {
                    throw CommandFailure(
                        "'\(text)' is no subject; write ISSUER#SUBJECT, such as https://login.example.org#248289761001")
                }
                links.insert(
                    .external(issuer: String(text[..<mark]), subject: String(text[text.index(after: mark)...])))
            }
            return links
        }
    }
}
