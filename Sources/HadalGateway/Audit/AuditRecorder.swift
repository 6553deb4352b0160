import HadalAudit
import HadalSecrets

/// Writes what models were asked, and answered, into the audit trail of the data directory. Made once for a server,
/// which is the one process that has the trail open to write.
final class AuditRecorder: Sendable {
    private let place: TrailPlace
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
        place = try TrailPlace { [settings, encryption = configuration.encryption] () throws(AuditError) in
            try Self.trail(data, encryption, settings)
        }
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
            try await append(
                entry.record, input: entry.input, output: entry.output, durable: exchange.record.isDurable)
        } catch {
            if refuses { throw .notRecorded }
        }
    }

    /// As `AuditTrail.append`, by the server that writes the trail; where it changes, that waits.
    @discardableResult
    func append(
        _ record: AuditRecord, input: AuditText = .none, output: AuditText = .none, durable: Bool = true
    ) async throws(AuditError) -> UInt64? {
        try await place.append(RelayedRecord(record, input: input, output: output, isDurable: durable))
    }

    /// The one that was opened last.
    var trail: AuditTrail { place.trail }

    /// Whether this server writes it.
    var isWriter: Bool { place.isWriter }

    /// How often it was opened.
    var openings: Int { place.openings }

    /// Closes it, so that another server can open it. Records wait from here on.
    func giveUp() async { await place.giveUp() }

    /// Opens it anew; what waits is written.
    func takeBack() throws(AuditError) { try place.takeBack() }

    /// What waits, and what comes, is written by another server.
    func send(to relay: RequestRelay) { place.send(to: relay) }

    /// Nobody will say any more who writes: what is lost on the way is written here.
    func leaveAlone() { place.leaveAlone() }

    /// To be called before a model is asked, so that it is asked nothing that cannot be recorded: where the last record
    /// failed, tries one that says so. Takes nothing where it did not.
    /// - Throws: `notRecorded`.
    func check() async throws(GatewayError) {
        guard refuses, isWriter, trail.status.failure != nil else { return }
        var record = AuditRecord(.system, outcome: "ok")
        record.action = "audit.retry"
        do throws(AuditError) { try await trail.append(record) } catch { throw .notRecorded }
    }
}
