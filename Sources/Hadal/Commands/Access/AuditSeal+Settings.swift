import Foundation
import HadalAccess
import HadalConfiguration
import HadalGateway

extension HadalSettings {
    /// How acts are recorded here, as the server does it. The key service is opened only where it is needed.
    /// - Parameter reads: whether sealed acts are to be shown, whatever `secrets.encrypt` says now.
    func auditSeal(reads: Bool = false) async throws -> AuditSeal? {
        guard reads || secrets.encrypt.contains(.audit) else { return nil }
        return try await EncryptionAtRest.open(secrets, data: dataURL).map(AuditSeal.init)
    }
}
