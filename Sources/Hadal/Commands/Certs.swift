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
              hadal certs issue server gpu1 --name gpu1.example.org
              hadal certs list
              hadal certs rotate
            """,
        subcommands: [Init.self, Issue.self, Rotate.self, List.self, Check.self])

    struct Place: ParsableArguments {
        @OptionGroup var data: DataOption

        func directory() throws -> CertificateDirectory { CertificateDirectory(data: try data.settings().dataURL) }

        /// Changes what is there, and records it.
        func change<Value>(
            _ action: String, _ target: String = "", _ details: [String: String] = [:],
            _ act: (CertificateDirectory) throws -> Value
        ) async throws -> Value {
            let settings = try data.settings()
            let record = try LocalRecord(settings, seal: try await settings.auditSeal())
            return try await record.perform(action, target, details) { _ in
                try act(CertificateDirectory(data: settings.dataURL))
            }
        }
    }

    struct Init: AsyncParsableCommand {
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

        func run() async throws {
            let directory = try place.directory()
            var all = try names.map { (name) throws(CertificateError) in try SubjectName(server: name) }
            for own in ["localhost", "127.0.0.1", "::1", ProcessInfo.processInfo.hostName] {
                // A machine may call itself what no certificate can hold.
                if let name = try? SubjectName(server: own), !all.contains(name) { all.append(name) }
            }
            let details = ["organization": organization, "names": all.shown]
            try await place.change("certificates.init", "", details) { directory in
                try directory.initialise(organization: organization, names: all, now: Date())
            }
            print(
                """
                made the authority \(directory.authorityCertificate)
                and a certificate for \(all.shown)

                Clients must trust the authority; try, once 'hadal serve' runs with TLS,

                  curl --cacert \(directory.authorityCertificate) https://localhost:8000/v1/models
                """)
        }
    }

    struct Issue: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Issue a certificate, for a client, another server or another gateway.",
            discussion: """
                A client's names its user (hadal:user:NAME), by which the server knows who it is. A server's is for a worker
                on another machine. A gateway's (hadal:gateway) is for what asks such workers; one beside the authority makes
                its own.

                Examples:
                  hadal certs issue client ana
                  hadal certs issue client backup --user operator --email backup@example.org --days 30
                  hadal certs issue server worker-1 --name worker-1.example.org --name 192.0.2.20
                  hadal certs issue gateway paris
                """)

        @Argument(help: "client, server or gateway.") var purpose: Leaf.Purpose
        @Argument(help: "What it is called; also its file's name.") var name: String
        @Option(help: "The user that a client is. Default: its name.") var user: String?
        @Option(name: .customLong("email"), help: "An e-mail address of a client; may be repeated.")
        var emails: [String] = []
        @Option(name: .customLong("name"), help: "A host name or IP address of a server; may be repeated.")
        var names: [String] = []
        @Option(help: "For how many days it counts, at most 90.") var days = CertificateAuthority.leafDaysLimit
        @OptionGroup var place: Place

        func validate() throws {
            guard names.isEmpty || purpose == .server else {
                throw ValidationError("--name is for servers; a client has --user and --email")
            }
            guard purpose == .client || (user == nil && emails.isEmpty) else {
                throw ValidationError("--user and --email are for clients; a server has --name")
            }
            guard purpose != .server || !names.isEmpty else {
                throw ValidationError("say with --name which host the server is")
            }
        }

        func run() async throws {
            var all: [SubjectName] = []
            switch purpose {
            case .client:
                all.append(try SubjectName(user: user ?? name))
                for email in emails { all.append(try SubjectName(email: email)) }
            case .server:
                for name in names { all.append(try SubjectName(server: name)) }
            case .gateway: all.append(.gateway)
            }
            let leaf = Leaf(purpose, commonName: name, names: all, days: days)
            let details = ["names": all.shown, "days": "\(days)"]
            let files = try await place.change("certificate.issue", "\(purpose.rawValue) \(name)", details) {
                directory in
                try directory.issue(leaf, as: name, now: Date())
            }
            print("issued \(files.certificate)\nits key: \(files.key)")
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Issue a certificate anew, or replace the authority.",
            discussion: """
                Without arguments the server's own certificate, and that which it shows to workers on other machines. A running
                server uses them within seconds and drops no connection. With --ca the authority: what the old one has issued counts on until it ends, and the server goes
                on to be trusted by who knows only the old one, both for 90 days. With --distrust neither: for when its key
                is in wrong hands.

                Examples:
                  hadal certs rotate
                  hadal certs rotate client ana
                  hadal certs rotate --ca
                  hadal certs rotate --ca --distrust
                """)

        @Argument(help: "client, server or gateway, where not the server's own.") var purpose: Leaf.Purpose?
        @Argument(help: "Its name.") var name: String?
        @Flag(help: "Replace the authority.") var ca = false
        @Flag(help: "Trust the old authority no more.") var distrust = false
        @OptionGroup var place: Place

        func validate() throws {
            guard (purpose == nil) == (name == nil) else {
                throw ValidationError("say which one: 'client NAME', 'server NAME' or 'gateway NAME'")
            }
            guard !ca || purpose == nil else { throw ValidationError("--ca replaces the authority and takes no name") }
            guard ca || !distrust else { throw ValidationError("--distrust goes with --ca") }
        }

        func run() async throws {
            let directory = try place.directory()
            if ca {
                try await place.change("certificates.rotateAuthority", "", ["distrust": "\(distrust)"]) { directory in
                    try directory.rotateAuthority(organization: nil, distrust: distrust, now: Date())
                }
                print(
                    """
                    made the authority \(directory.authorityCertificate)
                    \(distrust
                        ? "the old one is trusted no more: issue all certificates anew, and let clients trust the new one now"
                        : "let clients trust the new one within 90 days, and issue their certificates anew")
                    """)
            } else if let purpose, let name {
                let files = try await place.change("certificate.rotate", "\(purpose.rawValue) \(name)") { directory in
                    try directory.rotate(purpose, name, now: Date())
                }
                print("issued \(files.certificate)\nits key: \(files.key)")
            } else {
                try await place.change("certificate.rotate", "server") { directory in
                    try directory.rotateOwn(now: Date())
                }
                print("issued \(directory.serverFiles.certificate)")
            }
        }
    }
}

extension Leaf.Purpose: ExpressibleByArgument {}

extension [SubjectName] {
    fileprivate var shown: String { map(\.description).joined(separator: ", ") }
}
