import ArgumentParser
import Foundation
import HadalCertificates
import HadalJSON
import HadalTerminal

struct Certs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make and renew certificates of an authority of your own.",
        discussion: """
            They lie below the data directory, in 'certificates'. A server that uses them renews its own and sees at once
            what these commands change, without a restart. docs/tls.md tells more.

            Examples:
              hadal certs init --name ai.example.org
              hadal certs issue client ana --email ana@example.org
              hadal certs list
              hadal certs rotate
            """,
        subcommands: [Init.self, Issue.self, Rotate.self, List.self, Check.self])

    struct Place: ParsableArguments {
        @OptionGroup var data: DataOption

        var directory: CertificateDirectory { CertificateDirectory(data: data.url) }
    }

    struct Init: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the authority, and a certificate for the server.",
            discussion: """
                Who may read ca.key can pass for everybody: keep a copy of it where only you get to, and no other.

                Examples:
                  hadal certs init
                  hadal certs init --name ai.example.org --name 192.0.2.10 --organization "Example Ltd"
                """)

        @Option(
            name: .customLong("name"),
            help: "A host name or IP address of the server, beside this machine's own; may be repeated.")
        var names: [String] = []
        @Option(help: "Whose authority it is.") var organization = "Hadal"
        @OptionGroup var place: Place

        func run() throws {
            let directory = place.directory
            var all = try names.map { (name) throws(CertificateError) in try SubjectName(server: name) }
            for own in ["localhost", "127.0.0.1", "::1", ProcessInfo.processInfo.hostName] {
                // A machine may call itself what no certificate can hold.
                if let name = try? SubjectName(server: own), !all.contains(name) { all.append(name) }
            }
            try directory.initialise(organization: organization, names: all, now: Date())
            print(
                """
                made the authority \(directory.authorityCertificate)
                and a certificate for \(all.map(\.description).joined(separator: ", "))

                Clients must trust the authority; try, once 'hadal serve' runs with TLS,

                  curl --cacert \(directory.authorityCertificate) https://localhost:8000/v1/models
                """)
        }
    }

    struct Issue: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Issue a certificate, for a client or another server.",
            discussion: """
                A client's names its user (hadal:user:NAME), by which the server knows who it is. A server's is for a worker
                on another machine.

                Examples:
                  hadal certs issue client ana
                  hadal certs issue client backup --user operator --email backup@example.org --days 30
                  hadal certs issue server worker-1 --name worker-1.example.org --name 192.0.2.20
                """)

        @Argument(help: "client or server.") var purpose: Leaf.Purpose
        @Argument(help: "What it is called; also its file's name.") var name: String
        @Option(help: "The user that a client is. Default: its name.") var user: String?
        @Option(name: .customLong("email"), help: "An e-mail address of a client; may be repeated.")
        var emails: [String] = []
        @Option(name: .customLong("name"), help: "A host name or IP address of a server; may be repeated.")
        var names: [String] = []
        @Option(help: "For how many days it counts, at most 90.") var days = CertificateAuthority.leafDaysLimit
        @OptionGroup var place: Place

        func validate() throws {
            switch purpose {
            case .client:
                guard names.isEmpty else {
                    throw ValidationError("--name is for servers; a client has --user and --email")
                }
            case .server:
                guard user == nil, emails.isEmpty else {
                    throw ValidationError("--user and --email are for clients; a server has --name")
                }
                guard !names.isEmpty else { throw ValidationError("say with --name which host the server is") }
            }
        }

        func run() throws {
            var all: [SubjectName] = []
            switch purpose {
            case .client:
                all.append(try SubjectName(user: user ?? name))
                for email in emails { all.append(try SubjectName(email: email)) }
            case .server:
                for name in names { all.append(try SubjectName(server: name)) }
            }
            let leaf = Leaf(purpose, commonName: name, names: all, days: days)
            let files = try place.directory.issue(leaf, as: name, now: Date())
            print("issued \(files.certificate)\nits key: \(files.key)")
        }
    }

    struct Rotate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Issue a certificate anew, or replace the authority.",
            discussion: """
                Without arguments the server's own certificate. A running server uses it within seconds and drops no
                connection. With --ca the authority: what the old one has issued counts on until it ends, and the server goes
                on to be trusted by who knows only the old one, both for 90 days. With --distrust neither: for when its key
                is in wrong hands.

                Examples:
                  hadal certs rotate
                  hadal certs rotate client ana
                  hadal certs rotate --ca
                  hadal certs rotate --ca --distrust
                """)

        @Argument(help: "client or server, where not the server's own.") var purpose: Leaf.Purpose?
        @Argument(help: "Its name.") var name: String?
        @Flag(help: "Replace the authority.") var ca = false
        @Flag(help: "Trust the old authority no more.") var distrust = false
        @OptionGroup var place: Place

        func validate() throws {
            guard (purpose == nil) == (name == nil) else {
                throw ValidationError("say which one: 'client NAME' or 'server NAME'")
            }
            guard !ca || purpose == nil else { throw ValidationError("--ca replaces the authority and takes no name") }
            guard ca || !distrust else { throw ValidationError("--distrust goes with --ca") }
        }

        func run() throws {
            let directory = place.directory
            if ca {
                try directory.rotateAuthority(organization: nil, distrust: distrust, now: Date())
                print(
                    """
                    made the authority \(directory.authorityCertificate)
                    \(distrust
                        ? "the old one is trusted no more: issue all certificates anew, and let clients trust the new one now"
                        : "let clients trust the new one within 90 days, and issue their certificates anew")
                    """)
            } else if let purpose, let name {
                let files = try directory.rotate(purpose, name, now: Date())
                print("issued \(files.certificate)\nits key: \(files.key)")
            } else {
                try directory.rotateServer(now: Date())
                print("issued \(directory.serverFiles.certificate)")
            }
        }
    }
}

extension Leaf.Purpose: ExpressibleByArgument {}
