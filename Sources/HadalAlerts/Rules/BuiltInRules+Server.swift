extension BuiltInRules {
    private static let day = 86_400.0

    static func server(_ limits: AlertLimits) -> [AlertRule] {
        always + gpus + (limits.backupLag.map(backup) ?? []) + (limits.patrolInterval.map { [patrol($0)] } ?? [])
    }

    private static func backup(_ lag: Double) -> [AlertRule] {
        let safe = Query.gauge(Selector("hadal_backup_safe_until_seconds"))
        let advice: AlertTemplate =
            "`hadal backup status` says why; most often its place cannot be reached or is full."
        return [
            AlertRule(
                "HadalBackupBehind", .arithmetic(.minus, .time, safe),
                .above([.warning: lag, .serious: lag * 4, .critical: lag * 24]), guards: [.init(safe, least: 1)],
                holds: 300, unit: .seconds, summary: "What was stored in the last {value} is in no backup.",
                advice: advice),
            AlertRule(
                "HadalBackupNone", safe, .below([.serious: 1]), holds: 6 * 3600, clearance: 0,
                summary: "Nothing is in the backup yet.", advice: advice),
        ]
    }

    private static func patrol(_ interval: Double) -> AlertRule {
        let verified = Query.gauge(Selector("hadal_store_verified_until_seconds"))
        return AlertRule(
            "HadalPatrolBehind", .arithmetic(.minus, .time, verified),
            .above([.warning: interval * 2, .serious: interval * 3]), guards: [.init(verified, least: 1)], holds: 3600,
            unit: .seconds, summary: "A file of the model store was last verified {value} ago.",
            advice: "The patrol does not get through the store: `store.patrol.rate` may be too low for it.")
    }

    private static var always: [AlertRule] { [disk, certificate, auditFailing, auditLost, storeDamaged] + replicas }

    private static var gpus: [AlertRule] { [gpuLost, gpuTemperature, gpuSlowed] }

    private static var gpuLost: AlertRule {
        AlertRule(
            "HadalGPULost", .gauge(Selector("hadal_gpu_ready")), .below([.critical: 1]), holds: 60, clearance: 0,
            summary: "GPU {gpu} ({name}) does not answer.",
            advice: AlertTemplate(
                "`hadal doctor` says why, `dmesg | grep Xid` when. What computed on it has failed; most often only a "
                    + "restart of the machine helps."))
    }

    /// From which temperature on a card slows itself down depends on the product: `nvidia-smi -q -d TEMPERATURE`.
    private static var gpuTemperature: AlertRule {
        AlertRule(
            "HadalGPUTemperature", .gauge(Selector("hadal_gpu_temperature_celsius")),
            .above([.warning: 75, .serious: 80, .critical: 85]), holds: 120,
            summary: "GPU {gpu} ({name}) has {value} °C.",
            advice: AlertTemplate(
                "Look after fans, filters and the room's cooling; `sudo nvidia-smi -i {gpu} -pl WATTS` lowers its power "
                    + "limit. `nvidia-smi -q -d TEMPERATURE` says from when on it slows itself down."))
    }

    private static var gpuSlowed: AlertRule {
        let faults = ["sw_thermal_slowdown", "hw_thermal_slowdown", "hw_power_brake_slowdown"]
        return AlertRule(
            "HadalGPUSlowed", .gauge(Selector("hadal_gpu_slowed", ["reason": .isOneOf(faults)])),
            .above([.serious: 0]), holds: 300, clearance: 0,
            summary: "GPU {gpu} ({name}) slows itself down: {reason}.",
            advice: AlertTemplate(
                "Thermal: it is too hot, look after its cooling. Power brake: the machine's power supply told it to, "
                    + "look after that and its cables."))
    }

    private static var disk: AlertRule {
        let free = Query.gauge(Selector("hadal_disk_free_bytes"))
        let all = Query.gauge(Selector("hadal_disk_bytes"))
        return AlertRule(
            "HadalDisk", .arithmetic(.minus, 1, free / all), .of(limit: 1), guards: [.init(all, least: 1)], holds: 300,
            clearance: 0.02, unit: .share, summary: "The disk of {use} is {value} full.",
            advice: AlertTemplate(
                "Remove models that nobody uses (`hadal models`), or give it more room. On a full disk nothing is "
                    + "audited, backed up or pulled."))
    }

    private static var certificate: AlertRule {
        let end = Query.gauge(Selector("hadal_certificate_not_after_seconds"))
        return AlertRule(
            "HadalCertificateEnds", .arithmetic(.minus, end, .time),
            .below([.warning: 14 * day, .serious: 7 * day, .critical: 2 * day]), holds: 3600, unit: .seconds,
            summary: "The certificate for {use} ends in {value}.",
            advice: "It should have been renewed; docs/tls.md says how.")
    }

    private static var auditFailing: AlertRule {
        AlertRule(
            "HadalAuditFailing", .gauge(Selector("hadal_audit_failing")), .above([.critical: 0]), clearance: 0,
            summary: "The audit trail is not written.",
            advice: AlertTemplate(
                "With the policy refuse nothing is answered meanwhile; with go_on records are lost. Most often the "
                    + "disk is full."))
    }

    private static var auditLost: AlertRule {
        AlertRule(
            "HadalAuditLost", .increase(Selector("hadal_audit_lost_total"), over: 600), .above([.critical: 0]),
            clearance: 0, summary: "About {value} records of the audit trail were lost in 10 minutes.",
            advice: "What was answered meanwhile is not recorded. Most often the disk is full.")
    }

    private static var storeDamaged: AlertRule {
        AlertRule(
            "HadalStoreDamaged", .gauge(Selector("hadal_store_damaged_files")), .above([.serious: 0]), clearance: 0,
            summary: "{value} files of the model store are damaged or missing.",
            advice: "`hadal verify` names them; pull the model again, or set up a replica that mends them.")
    }

    private static var replicas: [AlertRule] {
        let verified = Query.gauge(Selector("hadal_store_replicas_verified_until_seconds"))
        return [
            AlertRule(
                "HadalReplicaDamaged", .gauge(Selector("hadal_store_replicas_damaged_files")), .above([.warning: 0]),
                clearance: 0, summary: "{value} files of the replicas are damaged or missing.",
                advice: "`hadal verify --replicas --repair` names them, and mends what is whole elsewhere."),
            AlertRule(
                "HadalReplicaAway", .gauge(Selector("hadal_store_replicas_away")), .above([.warning: 0]),
                holds: day, clearance: 0, summary: "{value} replicas of the model store cannot be read.",
                advice: "`hadal verify --replicas` says why; most often a disk is not mounted, or a server away."),
            AlertRule(
                "HadalReplicaPatrolBehind", .arithmetic(.minus, .time, verified),
                .above([.warning: 60 * day, .serious: 90 * day]), guards: [.init(verified, least: 1)], holds: 3600,
                unit: .seconds, summary: "A file of the replicas was last verified {value} ago.",
                advice: "`store.replica_patrol.rate` may be too low for them, or a replica is away."),
        ]
    }
}
