import HadalAudit
import HadalConfiguration

/// How the audit trail is written. What is kept of texts is for each tenant's contents settings to say
/// (`RecordPolicy`).
public struct AuditTrailConfiguration: Sendable {
    /// Where nothing can be recorded: refuse requests, or let them go by.
    public var onFailure: HadalAudit.AuditSettings.FailurePolicy = .refuse
    /// Bytes of the disk that are left free.
    public var reserve: UInt64 = 64 << 20
    public var retention = AuditRetention()

    public init() {}

    /// - Returns: nil where no trail is wanted.
    init?(_ settings: HadalConfiguration.AuditSettings) {
        guard settings.enabled else { return nil }
        onFailure =
            switch settings.onFailure {
            case .refuse: .refuse
            case .goOn: .goOn
            }
        reserve = UInt64(clamping: settings.reserve)
        let kept = settings.retention
        retention.contents = kept.contents / .seconds(86_400)
        for kind in AuditRecord.Kind.allCases {
            retention.records[kind] = (kind == .request ? kept.requests : kept.acts) / .seconds(86_400)
        }
    }
}
