import ArgumentParser
import Foundation
import HadalCertificates
import HadalJSON
import HadalTerminal

extension Certs {
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the certificates, and when they end.",
            discussion: """
                Examples:
                  hadal certs list
                  hadal certs list --json
                """)

        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var place: Place

        func run() throws {
            let now = Date()
            let entries = try place.directory().entries(now: now)
            if json { return print(JSON.array(entries.map { $0.json(at: now) }).text) }
            let rows = entries.map { entry in
                [
                    entry.kind.rawValue, entry.name.isEmpty ? "-" : entry.name,
                    entry.facts.names.map(\.description).joined(separator: ", "), entry.facts.notAfter.ISO8601Format(),
                    "\(entry.facts.daysLeft(at: now))", String(entry.facts.fingerprint.prefix(16)),
                ]
            }
            print(Table(header: ["KIND", "NAME", "FOR", "ENDS", "DAYS", "SHA-256"], rows: rows, numbers: [4]).text)
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell what is wrong with the certificates.",
            discussion: """
                Exits with 1 where something is. With --cert and --key it looks at a pair of your own before a server takes
                it.

                Examples:
                  hadal certs check
                  hadal certs check --cert server.pem --key server.key
                """)

        @Option(help: ArgumentHelp("A server's certificate.", valueName: "file")) var cert: String?
        @Option(help: ArgumentHelp("Its key.", valueName: "file")) var key: String?
        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var place: Place

        func validate() throws {
            guard (cert == nil) == (key == nil) else { throw ValidationError("--cert and --key go together") }
        }

        func run() throws {
            var problems: [String] = []
            if let cert, let key {
                do throws(CertificateError) {
                    _ = try CertificateFiles(certificate: cert, key: key).check(for: .server, now: Date())
                } catch {
                    problems = [error.description]
                }
            } else {
                problems = try place.directory().problems(now: Date())
            }
            if json {
                print(
                    JSON.object(
                        .init([
                            ("ok", .bool(problems.isEmpty)), ("problems", .array(problems.map { .string($0) })),
                        ])
                    ).text)
            } else if problems.isEmpty {
                print("nothing is wrong")
            } else {
                throw CommandFailure(problems.joined(separator: "\n"))
            }
            if !problems.isEmpty { throw ExitCode.failure }
        }
    }
}

extension CertificateEntry {
    fileprivate func json(at now: Date) -> JSON {
        .object(
            .init([
                ("kind", .string(kind.rawValue)), ("name", .string(name)), ("file", .string(file)),
                ("common_name", facts.commonName.map { .string($0) } ?? .null),
                ("issuer", facts.issuer.map { .string($0) } ?? .null),
                ("names", .array(facts.names.map { .string($0.description) })),
                ("not_before", .string(facts.notBefore.ISO8601Format())),
                ("not_after", .string(facts.notAfter.ISO8601Format())),
                ("days_left", .int(Int64(facts.daysLeft(at: now)))), ("serial", .string(facts.serial)),
                ("fingerprint", .string(facts.fingerprint)),
            ]))
    }
}
