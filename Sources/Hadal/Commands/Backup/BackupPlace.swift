import ArgumentParser
import Foundation
import HadalBackup
import HadalConfiguration
import HadalGateway
import HadalObjects
import HadalSecrets
import HadalStore

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

    /// For what changes the backup: while nobody else writes to it from this data directory.
    /// - Parameter body: given the data directory's name in the place, too.
    func alone(_ body: (_ repository: BackupRepository, _ owner: String) async throws -> Void) async throws {
        let settings = try data.settings()
        try checkOwner(settings)
        guard let lock = try DirectoryLock.backup(of: settings.data) else {
            throw CommandFailure(
                "a server backs up this data directory; stop it first (it clears away by itself each day)")
        }
        defer { lock.release() }
        let owner = try await settings.backupKey().owner
        try await body(try await open(), owner)
    }

    func storage(_ settings: HadalSettings, creating: Bool = false) throws -> any ObjectStorage {
        guard let place = place ?? settings.backup.place else {
            throw CommandFailure(
                "there is no place: give --place, or write 'place:' under 'backup:' in the configuration")
        }
        return try settings.backup.s3.storage(at: place, creating: creating)
    }

    /// What writes to the data directory must be its owner: a lock or a copy that is somebody else's would keep the
    /// server out.
    func checkOwner(_ settings: HadalSettings) throws {
        let attributes = try? FileManager.default.attributesOfItem(atPath: settings.data)
        guard let owner = attributes?[.ownerAccountID] as? NSNumber, owner.uint32Value != geteuid() else { return }
        let name = attributes?[.ownerAccountName] as? String ?? "#\(owner)"
        throw CommandFailure("\(settings.data) belongs to \(name); run this as that user: sudo -u \(name) hadal …")
    }

    /// The recovery key where one is given, else that of the data directory.
    func key(_ settings: HadalSettings) async throws -> RepositoryKey {
        if let given = try givenKey() { return given }
        return try await settings.backupKey().key
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
    func backupKey() async throws -> BackupKeyFile.Content {
        try await BackupKeyFile.read(in: data) {
            guard let service = KeyServiceSettings(secrets) else {
                throw CommandFailure("a key service has wrapped it, and none is configured ('secrets:')")
            }
            return try await service.open(in: data)
        }
    }

    /// What is backed up: the data directory, the configuration and what it names.
    private func backupRoots(configuration file: String?) -> [BackupRoot] {
        var roots = [BackupRoot(name: "data", path: data)]
        if let file {
            roots.append(BackupRoot(name: "configuration", path: URL(fileURLWithPath: file).standardizedFileURL.path))
        }
        if let rules { roots.append(BackupRoot(name: "rules", path: rules)) }
        for (index, path) in backup.include.enumerated() {
            roots.append(BackupRoot(name: "include-\(index + 1)", path: path))
        }
        return roots
    }

    /// - Parameters:
    ///   - owner: as `backup.key` names it.
    ///   - place: where it goes.
    func backupService(
        configuration file: String?, owner: String, place: String
    ) throws -> BackupService.Settings {
        let roots = backupRoots(configuration: file)
        if case .directory(let path) = try ObjectPlace(place),
            let root = roots.first(where: { Self.real(path).hasPrefix(Self.real($0.path) + "/") })
        {
            throw BackupError.placeWithin(place: place, root: root.path)
        }
        var settings = BackupService.Settings(
            roots: roots, data: data, owner: owner,
            snapshotAt: DailyTime(backup.at, zone: TimeZone(identifier: backup.timeZone) ?? .gmt)!)
        settings.excluded = backupExcluded
        settings.interval = backup.interval
        settings.retention = backup.keep.policy
        return settings
    }

    /// What the configuration leaves out, and the store of models where it lies in the data directory.
    var backupExcluded: Set<String> {
        var excluded = Set(backup.exclude.map { "data/" + $0 })
        let (store, data) = (Self.real(ModelStore().directory), Self.real(data))
        if store.hasPrefix(data + "/") { excluded.insert("data" + store.dropFirst(data.count)) }
        return excluded
    }

    /// Links resolved, as far as it is there.
    private static func real(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
    }
}

extension BackupSettings.Keep {
    var policy: RetentionPolicy {
        RetentionPolicy(days: days, weeks: weeks, months: months, pointDays: pointDays)
    }
}
