import HadalAccess
import HadalHTTP
import HadalJSON
import HadalWire
import Hummingbird
import ServiceLifecycle

/// What backs up the data directory while the server runs.
public protocol BackupKeeper: Service {
    /// How the backup is.
    var status: JSON { get }
    /// The time, in seconds since 1970, up to which all is in the backup; nil: nothing yet.
    var safeUntil: Double? { get }
    /// Tries that failed since the process began.
    var failures: Int { get }
    /// Backs up everything, and tells what it took.
    func backUp() async throws -> JSON
    /// Another process serves with the data directory from now on, and is to back it up.
    func giveAway()
}

/// Backups: how they are, and one beside those of each day.
extension Observation {
    func backupStatus(_ requester: Requester, _ call: AdministrationCall) throws -> Response {
        try call.checkQuery()
        try call.administration.checkMayLook(.viewOperations, at: "backup.view", by: requester)
        return HTTPReply.json(try knownBackup().status)
    }

    /// Returns when all is in the backup.
    func backUp(_ requester: Requester, _ call: AdministrationCall) async throws -> Response {
        try call.checkQuery()
        let backup = try knownBackup()
        let report = try await call.administration.recorded(
            "backup.run", target: "", .manageOperations, by: requester
        ) {
            do { return try await backup.backUp() } catch {
                throw ErrorObject.invalidRequest("nothing was backed up: \(error)", code: "backup_failed", status: 409)
            }
        }
        return HTTPReply.json(report)
    }

    private func knownBackup() throws(ErrorObject) -> any BackupKeeper {
        guard let backup else {
            throw ErrorObject.invalidRequest(
                "this server does not back up; set backup.place in the configuration (docs/backup.md)",
                code: "not_found", status: 404)
        }
        return backup
    }
}

extension AdministrationRoute {
    static let backup: [AdministrationRoute] = [
        AdministrationRoute(.get, "backup", .observe { try $0.backupStatus($1, $2) }),
        AdministrationRoute(.post, "backup/run", .observe { try await $0.backUp($1, $2) }),
    ]
}
