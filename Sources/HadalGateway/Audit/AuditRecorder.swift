import HadalAudit
import HadalSecrets

/// Writes what models were asked, and answered, into the audit trail of the data directory. Made once for a server,
/// which is the one process that has the trail open to write.
final class AuditRecorder: Sendable {
    let trail: AuditTrail
    /// The data directory.
    let data: String
    /// To read what is sealed; nil: there are none.
    let keys: DataKeys?
    /// How long records of acts are kept, in days.
    let actDays: Double
    /// The program's, for other systems.
    let version: String
    private let refuses: Bool

    /// - Returns: nil where no trail is wanted, or there is no directory for it.
    /// - Throws: what is wrong with the trail that is there. It is not begun anew: who could have it begun anew could
    ///   hide what was done.
    static func open(_ configuration: GatewayConfiguration) throws(AuditError) -> AuditRecorder? {
        guard let audit = configuration.audit, let data = configuration.dataDirectory else { return nil }
        return try AuditRecorder(audit, data: data, configuration)
    }

    private init(
        _ audit: AuditTrailConfiguration, data: String, _ configuration: GatewayConfiguration
    ) throws(AuditError) {
        var settings = AuditSettings()
        settings.onFailure = audit.onFailure
        settings.reserve = audit.reserve
        settings.retention = audit.retention
        settings.log = configuration.logger
        trail = try Self.trail(data, configuration.encryption, settings)
        self.data = data
        keys = configuration.encryption?.keys
        actDays = audit.retention.records[.act] ?? AuditRetention.standardDays
        version = configuration.version ?? ""
        refuses = audit.onFailure == .refuse
    }

    /// Sealed where the purpose `audit` is encrypted, or where any of it is sealed already, which opens only with the
    /// keys.
    private static func trail(
        _ data: String, _ encryption: EncryptionAtRest?, _ settings: AuditSettings
    ) throws(AuditError) -> AuditTrail {
        do throws(AuditError) {
            return try AuditTrail(data: data, keys: encryption?.keys(for: .audit), settings: settings)
        } catch {
            guard case .encrypted = error, let keys = encryption?.keys else { throw error }
            return try AuditTrail(data: data, keys: keys, settings: settings)
        }
    }

    /// Records a question and its answer, as durably and with as much of the texts as its policy says.
    /// - Throws: `notRecorded` where there is to be no answer without a record. The trail has logged why.
    func record(_ exchange: Exchange) async throws(GatewayError) {
        let entry = ExchangeRecord(exchange)
        do throws(AuditError) {
            try await trail.append(
                entry.record, input: entry.input, output: entry.output, durable: exchange.record.isDurable)
        } catch {
            if refuses { throw .notRecorded }
        }
    }

    /// To be called before a model is asked, so that it is asked nothing that cannot be recorded: where the last record
    /// failed, tries one that says so. Takes nothing where it did not.
    /// - Throws: `notRecorded`.
    func check() async throws(GatewayError) {
        guard refuses, trail.status.failure != nil else { return }
        var record = AuditRecord(.system, outcome: "ok")
        record.action = "audit.retry"
        do throws(AuditError) { try await trail.append(record) } catch { throw .notRecorded }
    }
}
