import ArgumentParser
import Foundation
import HadalBackup
import HadalConfiguration
import HadalGateway
import HadalJSON
import HadalObjects
import HadalSecrets
import HadalStore

struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Back up the data directory, encrypted, to a directory or a bucket.",
        discussion: """
            A server with backup.place in its configuration backs up by itself: everything each day, and what has changed every
            few seconds. hadal restore brings it back, as it was at any moment; hadal drill tries that out (docs/backup.md).

            Examples:
              hadal backup init --place /mnt/backup/hadal
              hadal backup init --config /etc/hadal/hadal.yaml
              hadal backup now
              hadal backup list
              hadal backup check --read
            """,
        subcommands: [Initialize.self, Now.self, List.self, Status.self, Check.self, Clear.self, Key.self])

    struct Initialize: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "init",
            abstract: "Make a backup's place ready, and show its recovery key.",
            discussion: """
                The recovery key opens the backup when this machine is gone: keep it somewhere else. With --recovery-key, a
                backup that is there already is gone on with.

                Examples:
                  hadal backup init --place /mnt/backup/hadal
                  hadal backup init --place s3://backups/hadal
                  hadal backup init --place s3://backups/hadal --recovery-key key.txt
                """)

        @OptionGroup var place: BackupPlace

        func run() async throws {
            let settings = try place.data.settings()
            try FileManager.default.createDirectory(
                atPath: settings.data, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try place.checkOwner(settings)
            let given = try place.givenKey()
            let storage = try place.storage(settings, creating: true)
            let service = try await KeyServiceSettings(settings.secrets)?.open(in: settings.data)
            let key = given ?? RepositoryKey.random()
            let file = BackupKeyFile.path(in: settings.data)
            let hasKey = FileManager.default.fileExists(atPath: file)
            guard given == nil else {
                let repository = try await BackupRepository.open(in: storage, key: key)
                let known = hasKey ? try await settings.backupKey() : nil
                guard known == nil || known?.key.bytes == key.bytes else {
                    throw CommandFailure("\(file) is the key of another backup; move it away first")
                }
                let owner =
                    if let known { known.owner } else {
                        try await BackupKeyFile.write(key, in: settings.data, service: service)
                    }
                try await repository.take(over: owner)
                return print("\(storage.place) is this data directory's backup from now on, and no other's")
            }
            guard !hasKey else {
                throw CommandFailure(
                    "\(file) is there: this machine has a backup. hadal backup list shows it; move that file away to begin "
                        + "another")
            }
            // The key first: a place whose key nobody has could never be used.
            let owner = try await BackupKeyFile.write(key, in: settings.data, service: service)
            do {
                try await BackupRepository.create(in: storage, key: key).take(over: owner)
            } catch {
                // A key to nothing would keep the next try from making one.
                unlink(file)
                throw error
            }
            print(
                """
                \(storage.place) is ready. Its recovery key, without which nobody can read it:

                  \(key.recoveryText)

                Keep it away from this machine (hadal backup key shows it again, here).
                """)
            if settings.backup.place == nil {
                print(
                    "\nFor a server to back up by itself, write in its configuration:\n\n  backup:\n    place: \(storage.place)"
                )
            }
        }
    }

    struct Key: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the recovery key of this machine's backup.",
            discussion: """
                Examples:
                  hadal backup key > /media/safe/recovery.key
                """)

        @OptionGroup var data: DataOption

        func run() async throws { print(try await data.settings().backupKey().key.recoveryText) }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show how the running server's backup is.",
            discussion: """
                Exits with 1 where something keeps it from being whole.

                Examples:
                  hadal backup status
                  hadal backup status --url https://hadal.example.org --json
                """)

        @OptionGroup var server: AdministrationServer
        @Flag(help: "Write JSON.") var json = false

        func run() async throws {
            let status = try await server.answer(["backup"])
            let problems = status["problems"]?.array?.compactMap(\.string) ?? []
            if json {
                print(status.text)
            } else {
                print("place:       \(status["place"]?.string ?? "-")")
                print("safe until:  \(status["safeUntil"]?.string ?? "nothing is in it yet")")
                print(
                    "snapshot:    \(status["snapshot"]?.string ?? "-"), and \(status["points"]?.int ?? 0) points after it"
                )
                print("next one:    \(status["nextSnapshot"]?.string ?? "-")")
                if status["isWaiting"]?.bool == true { print("another process backs up this directory") }
                for problem in problems { print("problem:     \(problem)") }
            }
            if !problems.isEmpty { throw ExitCode.failure }
        }
    }
}
