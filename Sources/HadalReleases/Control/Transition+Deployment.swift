import Foundation

extension Transition {
    /// Makes a deployment or changes its settings. The same again changes nothing.
    /// - Parameter isConfiguration: from the configuration file, which alone may weaken approvals.
    func configure(_ alias: String, _ settings: DeploymentSettings, isConfiguration: Bool) throws {
        guard !alias.isEmpty, alias.utf8.count <= 200 else {
            throw ReleaseError.invalid(field: "alias", problem: "must have 1 to 200 bytes")
        }
        try settings.check()
        guard let known = try DeploymentTable.find(db, alias) else {
            try DeploymentTable.insert(
                db,
                ReleaseDeployment(alias: alias, settings: settings, stable: nil, traffic: .none, created: now))
            return try record(.deploymentMade, alias, after: try Columns.json(settings))
        }
        guard known.settings != settings else { return }
        if !isConfiguration, settings.approvals.isWeaker(than: known.settings.approvals) {
            throw ReleaseError.approvalsWeakened(alias: alias)
        }
        try DeploymentTable.set(db, alias, settings: settings)
        try record(
            .settingsChanged, alias, before: try Columns.json(known.settings), after: try Columns.json(settings))
    }

    func addVersion(_ alias: String, _ content: VersionContent, note: String) throws -> ModelVersion {
        try content.check()
        try Self.check(note: note)
        _ = try DeploymentTable.get(db, alias)
        let version = ModelVersion(
            alias: alias, number: (try VersionTable.all(db, alias).last?.number ?? 0) + 1, content: content,
            created: now, by: by, note: note, isUp: false)
        try VersionTable.insert(db, version)
        try record(.versionAdded, alias, after: "version \(version.number): \(content.digest)", why: note)
        return version
    }

    static func check(note: String) throws(ReleaseError) {
        guard note.utf8.count <= 4000 else { throw .invalid(field: "note", problem: "must have at most 4000 bytes") }
    }

    /// Versions that never served and are kept, newest first.
    private static let unservedKept = 10

    /// Lets go of versions that a rollback will not need: what is kept is the one that serves, so many that served
    /// last, and the newest of those that never did.
    func prune(_ alias: String) throws {
        let deployment = try DeploymentTable.get(db, alias)
        let others = try VersionTable.all(db, alias).filter { $0.pruned == nil && $0.number != deployment.stable }
        let served = others.filter { $0.served != nil }
            .sorted { ($0.served ?? now, $0.number) > ($1.served ?? now, $1.number) }
        let unserved = others.filter { $0.served == nil }.reversed()
        for var version in served.dropFirst(deployment.settings.keptVersions)
            + unserved.dropFirst(Self.unservedKept)
        {
            version.pruned = now
            if version.isUp { version.standbyUntil = now }
            try VersionTable.update(db, version)
            try record(.versionPruned, alias, before: "version \(version.number)", why: "newer versions are kept")
        }
    }
}
