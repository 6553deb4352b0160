import ArgumentParser
import Foundation
import HadalBackup
import HadalConfiguration
import HadalJSON
import HadalObjects
import HadalStore

extension Backup {
    struct Now: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Back up everything now.",
            discussion: """
                Where a server backs up this data directory, it is asked to (--url, its key in HADAL_API_KEY). Exits with 1 where
                something could not be read.

                Examples:
                  hadal backup now
                  hadal backup now --json
                """)

        @OptionGroup var place: BackupPlace
        @OptionGroup var server: AdministrationServer
        @Option(help: "The code of your second factor, where the server wants one.") var otp: String?
        @Flag(help: "Write JSON.") var json = false

        func run() async throws {
            let loaded = try usable { () throws(ConfigurationError) in try place.data.load() }
            let settings = loaded.settings
            try place.checkOwner(settings)
            let report: JSON
            if let lock = try DirectoryLock.backup(of: settings.data) {
                defer { lock.release() }
                let bar = ByteBar("backing up")
                defer { bar.finish() }
                let key = try await settings.backupKey()
                let storage = try place.storage(settings)
                let service = try settings.backupService(
                    configuration: loaded.file, owner: key.owner, place: storage.place)
                let writer = try BackupWriter(
                    try await BackupRepository.open(in: storage, key: key.key), service.writer)
                report = try await writer.snapshot(progress: { bar.update(done: $0.done, total: $0.total) }).json
                bar.finish()
                if let problem = await writer.clockProblem { Notes.write(problem) }
            } else {
                report = try await AdministrationServer.answer(
                    of: server.url, ["backup", "run"], [:], code: otp, timeout: .seconds(6 * 3600))
            }
            let problems = report["problems"]?.array?.compactMap(\.string) ?? []
            if json {
                print(report.text)
            } else {
                let bytes = ["bytes", "newBytes"].map { ByteCount.text(Int64(report[$0]?.int ?? 0)) }
                print(
                    "\(report["snapshot"]?.string ?? ""): \(report["files"]?.int ?? 0) files, \(bytes[0]), "
                        + "\(bytes[1]) of them new")
                for problem in problems { print("not in it: \(problem)") }
            }
            if !problems.isEmpty { throw ExitCode.failure }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what can be brought back.",
            discussion: """
                Between a snapshot and "until", any moment can be given to hadal restore --at.

                Examples:
                  hadal backup list
                  hadal backup list --place s3://backups/hadal --recovery-key key.txt --json
                """)

        @OptionGroup var place: BackupPlace
        @Flag(help: "Write JSON.") var json = false

        func run() async throws {
            let repository = try await place.open()
            var lines: [JSON] = []
            for name in try await repository.snapshots() {
                let points = try await repository.points(of: name)
                lines.append([
                    "snapshot": .string("\(name)"), "time": .string(name.time.precise),
                    "until": .string((points.last?.time ?? name.time).precise), "points": .int(Int64(points.count)),
                ])
            }
            if json { return print(JSON.array(lines).text) }
            if lines.isEmpty { return print("\(repository.place) has nothing yet; hadal backup now makes a snapshot") }
            for line in lines {
                print(
                    "\(line["time"]?.string ?? "")  until \(line["until"]?.string ?? "")  "
                        + "\(line["points"]?.int ?? 0) points")
            }
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Look whether all of the backup is there, and intact.",
            discussion: """
                Exits with 1 where something is missing or damaged.

                Examples:
                  hadal backup check
                  hadal backup check --read --json
                  hadal backup check --read --repair
                """)

        @OptionGroup var place: BackupPlace
        @Flag(help: "Also read, decrypt and compare all of it.") var read = false
        @Flag(
            help: """
                With --read: remove pieces that are damaged. The next snapshot stores those anew that files still have, which mends
                the snapshots before. Not beside a server.
                """)
        var repair = false
        @Flag(help: "Write JSON.") var json = false

        func validate() throws {
            if repair, !read {
                throw ValidationError("--repair wants --read: only what is read is known to be damaged")
            }
        }

        func run() async throws {
            guard repair else { return try await check(try await place.open()) }
            try await place.alone { repository, owner in
                try await repository.check(owner: owner)
                try await check(repository)
            }
        }

        private func check(_ repository: BackupRepository) async throws {
            let bar = ByteBar("checking")
            defer { bar.finish() }
            // Read before the place is: it may be written to meanwhile.
            let head = BackupHead(in: try place.data.settings().data)
            let check = try await repository.check(reads: read, head: head, repairs: repair) { done, total in
                bar.update(
                    done: Int64(done) * Int64(BackupRepository.chunkBytes),
                    total: Int64(total) * Int64(BackupRepository.chunkBytes))
            }
            bar.finish()
            if json {
                print(
                    JSON.object(
                        .init([
                            ("snapshots", .int(Int64(check.snapshots))), ("points", .int(Int64(check.points))),
                            ("chunks", .int(Int64(check.chunks))), ("readChunks", .int(Int64(check.readChunks))),
                            ("removedChunks", .int(Int64(check.removedChunks))),
                            ("problems", .array(check.problems.map(JSON.string))),
                        ])
                    ).text)
            } else {
                print(
                    "\(check.snapshots) snapshots, \(check.points) points, \(check.chunks) chunks"
                        + (read ? ", all read" : ""))
                for problem in check.problems { print("problem: \(problem)") }
                if check.removedChunks > 0 {
                    print(
                        "removed \(check.removedChunks) damaged chunks; hadal backup now stores anew what files still have"
                    )
                }
                if check.problems.isEmpty { print("nothing is missing" + (read ? " or damaged" : "")) }
            }
            if !check.problems.isEmpty { throw ExitCode.failure }
        }
    }

    struct Clear: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove backups that backup.keep does not keep.",
            discussion: """
                A server does so after each day's backup.

                Examples:
                  hadal backup clear
                """)

        @OptionGroup var place: BackupPlace

        func run() async throws {
            try await place.alone { repository, owner in
                var clearing = try await repository.clearing(
                    try place.data.settings().backup.keep.policy, owner: owner)
                while try await clearing.step() {}
                print(
                    "removed \(clearing.snapshots) snapshots, \(clearing.points) points and "
                        + "\(clearing.chunks) chunks (\(ByteCount.text(clearing.bytes)))")
                for problem in clearing.problems { print("problem: \(problem)") }
                if !clearing.problems.isEmpty { throw ExitCode.failure }
            }
        }
    }
}
