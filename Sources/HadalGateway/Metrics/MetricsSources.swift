import Foundation
import HadalAudit
import HadalCertificates
import HadalHTTP
import HadalNVML

/// Where the figures come from that are not counted but looked at.
struct MetricsSources: Sendable {
    /// The program's, where it has one.
    var version: String?
    /// All that the server was started with.
    var served: [Deployment] = []
    /// Versions of releases, whose workers are wanted.
    var versions: @Sendable () -> [Deployment] = { [] }
    var gate: RequestGate?
    /// nil: no requests are recorded.
    var audit: (@Sendable () -> AuditStatus)?
    /// nil: nothing is backed up.
    var backup: (any BackupKeeper)?
    /// nil: the model store is not verified.
    var store: (any StoreKeeper)?
    var workers: ServedWorkers?
    /// Which part of a release's requests each version answers.
    var shares: (@Sendable () -> [(version: VersionName, share: Double)])?
    /// Directories whose disks must not be full, by what they are for.
    var directories: [(use: String, path: String)] = []
    /// nil: nobody asks for GPUs.
    var gpus: (@Sendable () async -> GPUReport)?
    /// What the server shows to clients, and to workers on other machines.
    var clientCertificate: (@Sendable () -> CertificateStatus)?
    var workerCertificate: (@Sendable () -> CertificateStatus)?

    func write(to text: inout MetricsText) async {
        // Asked while the workers are.
        async let report = gpus?()
        if let version {
            text.add(
                .init(.gauge, "hadal_build_info", "1; the label tells the version.", ["version"]),
                [(LabelValues(version), 1)])
        }
        if let gate {
            text.add(
                .init(.gauge, "hadal_requests_in_progress", "Requests that were let in and are not answered yet."),
                Double(gate.running))
        }
        text.add(
            .init(.gauge, "hadal_worker_ready", "1 where the model can be asked, else 0.", ["model"]),
            (served + versions()).map { (LabelValues($0.served), $0.isUsable ? 1 : 0) })
        await writeEngines(to: &text)
        if let workers { WorkerFigures.write(workers, to: &text) }
        DiskFigures.write(directories, to: &text)
        if let shares {
            text.add(
                .init(
                    .gauge, "hadal_release_share_ratio",
                    "The part of a release's requests that a version answers, 0 to 1.",
                    ["deployment", "version"]),
                shares().map { (LabelValues($0.version.alias, "\($0.version.number)"), $0.share) })
        }
        if let audit { write(audit(), to: &text) }
        if let backup { write(backup, to: &text) }
        if let store { write(store, to: &text) }
        write([("clients", clientCertificate), ("workers", workerCertificate)], to: &text)
        if let report = await report { GPUMetrics.write(report.cards, to: &text) }
    }

    private func writeEngines(to text: inout MetricsText) async {
        let engines = await (served + versions()).engines()
        for metric in EngineMetric.all + EngineMetric.vLLM {
            text.add(metric.description, engines.map { (LabelValues($0.model), metric.value($0.figures)) })
        }
    }

    private func write(_ audit: AuditStatus, to text: inout MetricsText) {
        text.add(
            .init(.gauge, "hadal_audit_records", "Number of the audit trail's last record."), Double(audit.sequence))
        text.add(
            .init(.gauge, "hadal_audit_failing", "1 where the last record could not be written, else 0."),
            audit.failure == nil ? 0 : 1)
        text.add(
            .init(.counter, "hadal_audit_lost_total", "What was answered without a record, as the policy allows."),
            Double(audit.lost))
    }

    private func write(_ backup: any BackupKeeper, to text: inout MetricsText) {
        text.add(
            .init(
                .gauge, "hadal_backup_safe_until_seconds",
                "All that was stored until then is in the backup, in seconds since 1970; 0: nothing yet."),
            backup.safeUntil ?? 0)
        text.add(
            .init(.counter, "hadal_backup_failures_total", "Tries to back up that failed."), Double(backup.failures))
    }

    private func write(_ store: any StoreKeeper, to text: inout MetricsText) {
        text.add(
            .init(
                .gauge, "hadal_store_verified_until_seconds",
                "All files of the model store were verified then or later, in seconds since 1970; 0: one never was."),
            store.verifiedUntil ?? 0)
        text.add(
            .init(
                .gauge, "hadal_store_damaged_files",
                "Files of the model store that are damaged or missing, and could not be mended."),
            Double(store.damagedFiles))
        guard let replicas = store.replicas else { return }
        text.add(
            .init(
                .gauge, "hadal_store_replicas_verified_until_seconds",
                "All that is in the replicas was verified then or later, in seconds since 1970; 0: a place never was."),
            replicas.verifiedUntil ?? 0)
        text.add(
            .init(
                .gauge, "hadal_store_replicas_damaged_files",
                "Files of replicas that are damaged or missing, and could not be mended."),
            Double(replicas.damagedFiles))
        text.add(
            .init(
                .gauge, "hadal_store_replicas_away",
                "Replicas that could not be read to the end when that was last tried."), Double(replicas.placesAway))
        text.add(
            .init(
                .gauge, "hadal_store_replicas_short_models", "Models that are in fewer places than they should be."),
            Double(replicas.shortModels))
    }

    private func write(
        _ certificates: [(use: String, status: (@Sendable () -> CertificateStatus)?)], to text: inout MetricsText
    ) {
        let known = certificates.compactMap { use, status in status.map { (use, $0()) } }
        guard !known.isEmpty else { return }
        text.add(
            .init(
                .gauge, "hadal_certificate_not_after_seconds",
                "When the certificate that is used ends, in seconds since 1970.", ["use"]),
            known.map { (LabelValues($0), $1.certificate.notAfter.timeIntervalSince1970) })
    }
}
