import ArgumentParser
import Foundation
import HadalBackup
import HadalConfiguration
import HadalGateway
import HadalObjects
import HadalSecrets

/// Where the backup is, and the key that opens it.
struct BackupPlace: ParsableArguments {
    @OptionGroup var data: DataOption
    @Option(
        help: ArgumentHelp(
            "Where the backup is: a directory or s3://BUCKET[/PREFIX]. Default: backup.place of the configuration.",
            valueName: "place"))
    var place: String?
    @Option(
        help: ArgumentHelp(
            "A file with the recovery key. Default: HADAL_RECOVERY_KEY, or the data directory's backup.key.",
            valueName: "file"))
    var recoveryKey: String?

    func open() async throws -> BackupRepository {
        let settings = try data.settings()
        return try await BackupRepository.open(in: try storage(settings), key: try await key(settings))
    }

    func storage(_ settings: HadalSettings, creating: Bool = false) throws -> any ObjectStorage {
        guard let place = place ?? settings.backup.place else {
            throw CommandFailure(
                "there is no place: give --place, or write 'place:' under 'backup:' in the configuration")
        }
        return try settings.backup.s3.storage(at: place, creating: creating)
    }

    /// The recovery key where one is given, else that of the data directory.
    func key(_ settings: HadalSettings) async throws -> RepositoryKey {
        if let given = try givenKey() { return given }
        return try await settings.backupKey()
    }

    func givenKey() throws -> RepositoryKey? {
        if let recoveryKey {
            guard let bytes = FileManager.default.contents(atPath: recoveryKey) else {
                throw CommandFailure("\(recoveryKey) cannot be read")
            }
            return try RepositoryKey(recoveryText: String(decoding: bytes.prefix(1024), as: UTF8.self))
        }
        return try ProcessInfo.processInfo.environment["HADAL_RECOVERY_KEY"].map(RepositoryKey.init(recoveryText:))
    }
}

extension HadalSettings {
    /// What `backup.key` holds.
    func backupKey() async throws -> RepositoryKey {
        try await BackupKeyFile.read(in: data) {
            guard let service = KeyServiceSettings(secrets) else {
                throw CommandFailure("a key service has wrapped it, and none is configured ('secrets:')")
            }
            return try await service.open(in: data)
        }
    }

    /// What is backed up: the data directory, the configuration and what it names.
    func backupRoots(configuration file: String?) -> [BackupRoot] {
        var roots = [BackupRoot(name: "data", path: data)]
        if let file { roots.append(BackupRoot(name: "configuration", path: file)) }
        if let rules { roots.append(BackupRoot(name: "rules", path: rules)) }
        for (index, path) in backup.include.enumerated() {
            roots.append(BackupRoot(name: "include-\(index + 1)", path: path))
        }
        return roots
    }

    func backupService(configuration file: String?) -> BackupService.Settings {
        var settings = BackupService.Settings(
            roots: backupRoots(configuration: file), data: data,
            snapshotAt: DailyTime(backup.at, zone: TimeZone(identifier: backup.timeZone) ?? .gmt)!,
            program: "hadal \(Version.current)")
        settings.excluded = backupExcluded
        settings.interval = backup.interval
        settings.retention = backup.keep.policy
        return settings
    }

    /// What is not kept in the data directory but made anew, and what the configuration leaves out.
    var backupExcluded: Set<String> { Set(backup.exclude.map { "data/" + $0 }) }
}

extension BackupSettings.Keep {
    var policy: RetentionPolicy {
        RetentionPolicy(days: days, weeks: weeks, months: months, pointDays: pointDays)
    }
}
