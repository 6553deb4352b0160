import ArgumentParser
import Foundation
import HadalJSON
import HadalSecrets
import HadalTerminal

extension Secrets {
    struct Initialize: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "init",
            abstract: "Make the data keys, and the master key where it is ours to make.",
            discussion: """
                With a passphrase, DATA/master.key is made; in a token, an AES key where there is none of the label; in
                Vault or OpenBao the key has to be there. The data keys, wrapped, are in DATA/keys.json.

                Examples:
                  hadal secrets init --config /etc/hadal/hadal.yaml
                  hadal secrets init --ask-passphrase
                """)

        @OptionGroup var options: Options

        func run() async throws {
            let (directory, settings) = try options.load()
            guard try DataKeys.describe(in: directory) == nil else {
                throw CommandFailure(
                    "\(directory)/keys.json: there are keys already; hadal secrets rotate makes new ones")
            }
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            let (keys, service) = try await LocalRecord(try options.data.settings(), seal: nil).perform(
                "secrets.init", "", ["service": settings.name]
            ) { _ in
                let service = try await self.service(settings, in: directory)
                return (try await DataKeys.create(in: directory, service: service), service)
            }
            print("\(keys.all.count) data keys, wrapped by \(service): \(directory)/keys.json")
            let files = settings.name == "passphrase" ? "keys.json and master.key" : "keys.json"
            print("Back up \(files), and what opens the key service.")
        }

        private func service(_ settings: KeyServiceSettings, in directory: String) async throws -> any KeyService {
            switch settings {
            case .passphrase(let place):
                let path = KeyServiceSettings.masterKeyFile(in: directory)
                // An earlier try may have come as far as that.
                guard !FileManager.default.fileExists(atPath: path) else {
                    return try await options.open(settings, in: directory)
                }
                let passphrase =
                    try options.askPassphrase
                    ? options.askNewPassphrase() : KeyServiceSettings.passphrase(place)
                return try PassphraseKeyService.create(path: path, passphrase: passphrase)
            case .pkcs11(let settings):
                let service = try await PKCS11KeyService.open(settings)
                if try await !service.hasKey() { _ = try await service.rotate() }
                return service
            case .vault(let settings): return try await TransitKeyService.open(settings)
            }
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the data keys, and whether the key service opens them.",
            discussion: """
                Exits with 1 where it does not.

                Examples:
                  hadal secrets status
                  hadal secrets status --json
                """)

        @OptionGroup var options: Options
        @Flag(help: "Write JSON.") var json = false

        func run() async throws {
            let (directory, settings) = try options.load()
            guard let keys = try DataKeys.describe(in: directory) else {
                throw CommandFailure("\(directory)/keys.json: there is none; run: hadal secrets init")
            }
            let result: Result<Int, any Error>
            do {
                let service = try await options.open(settings, in: directory)
                _ = try await DataKeys.open(in: directory, service: service)
                result = .success(try await service.currentVersion())
            } catch {
                result = .failure(error)
            }
            if json {
                print(report(keys, settings.name, result).text)
            } else {
                let rows = keys.map {
                    ["\($0.id)", $0.purpose.rawValue, $0.created.ISO8601Format(), $0.service, "\($0.version)"]
                }
                print(Table(header: ["KEY", "PURPOSE", "CREATED", "SERVICE", "MASTER"], rows: rows).text)
                if case .success(let version) = result {
                    print("All open. The master key of '\(settings.name)' is at version \(version).")
                }
            }
            if case .failure(let error) = result { throw CommandFailure("the keys do not open: \(error)") }
        }

        private func report(_ keys: [DataKeyDescription], _ name: String, _ result: Result<Int, any Error>) -> JSON {
            let list = keys.map { key in
                JSON.object(
                    .init([
                        ("id", .string("\(key.id)")), ("purpose", .string(key.purpose.rawValue)),
                        ("created", .string(key.created.ISO8601Format())), ("service", .string(key.service)),
                        ("version", .int(Int64(key.version))),
                    ]))
            }
            var object = JSON.Object([("service", .string(name)), ("keys", .array(list))])
            switch result {
            case .success(let version):
                object["open"] = true
                object["version"] = .int(Int64(version))
            case .failure(let error):
                object["open"] = false
                object["problem"] = .string("\(error)")
            }
            return .object(object)
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a new master key and wrap the data keys with it; no data is written.",
            discussion: """
                A server that runs goes on. After a failure all is readable; run it again.

                Examples:
                  hadal secrets rotate
                  hadal secrets rotate --data-keys
                  hadal secrets rotate --new-passphrase-file /root/new-passphrase
                """)

        @OptionGroup var options: Options
        @Flag(help: "Also make new data keys, for data written from now on. A server uses them after a restart.")
        var dataKeys = false
        @Option(
            help: ArgumentHelp("Change the passphrase to what this file holds, and nothing else.", valueName: "file"))
        var newPassphraseFile: String?
        @Flag(help: "Write JSON.") var json = false

        func run() async throws {
            let (directory, settings) = try options.load()
            let record = try LocalRecord(try options.data.settings(), seal: nil)
            let service = try await options.open(settings, in: directory)
            if let newPassphraseFile {
                guard let service = service as? PassphraseKeyService else {
                    throw CommandFailure("the key service '\(service.name)' has no passphrase to change")
                }
                try await record.perform("secrets.changePassphrase") { _ in
                    try service.changePassphrase(to: try SecretPlace.file(newPassphraseFile).read())
                }
                print(json ? "{\"passphrase\":\"changed\"}" : "The passphrase is changed; the keys are the same.")
                return
            }
            let rotation = try await record.perform(
                "secrets.rotate", "", ["service": settings.name, "dataKeys": "\(dataKeys)"]
            ) { details in
                if dataKeys { try await DataKeys.renew(in: directory, service: service) }
                let rotation = try await DataKeys.rotate(in: directory, service: service)
                details["version"] = "\(rotation.version)"
                return rotation
            }
            if json {
                print(
                    JSON.object(
                        .init([
                            ("service", .string(rotation.service)), ("version", .int(Int64(rotation.version))),
                            ("rewrapped", .int(Int64(rotation.rewrapped))),
                        ])
                    ).text)
            } else {
                print(
                    "\(rotation.rewrapped) data keys are wrapped with version \(rotation.version) of the master key. "
                        + "Back up \(directory)/keys.json again.")
            }
        }
    }
}
