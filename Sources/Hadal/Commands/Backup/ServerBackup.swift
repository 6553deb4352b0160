import Foundation
import HadalBackup
import HadalConfiguration
import HadalGateway
import HadalJSON
import HadalObjects
import Logging

/// The backup of a running server, as its administration asks for it.
struct ServerBackup: BackupKeeper {
    private let service: BackupService

    /// - Returns: nil where none is configured.
    /// - Throws: where the key, or the place as it is written, is wrong. That the place is away is no reason not to serve.
    init?(_ loaded: Loaded, logger: Logger) async throws {
        let settings = loaded.settings
        guard let place = settings.backup.place else { return nil }
        let key = try await settings.backupKey()
        let backup = settings.backup
        service = BackupService(
            place: place,
            try settings.backupService(configuration: loaded.file, owner: key.owner, place: place), logger: logger
        ) { () throws(BackupError) in
            let storage: any ObjectStorage
            do throws(ObjectError) { storage = try backup.s3.storage(at: place) } catch { throw .storage(error) }
            return try await BackupRepository.open(in: storage, key: key.key)
        }
    }

    var status: JSON { service.state.json }
    var safeUntil: Double? { service.state.safeUntil?.timeIntervalSince1970 }
    var failures: Int { service.state.failures }

    func backUp() async throws -> JSON { try await service.snapshot().json }
    func giveAway() { service.giveAway() }
    func run() async throws { try await service.run() }
}
