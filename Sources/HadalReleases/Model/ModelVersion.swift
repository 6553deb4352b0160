import Foundation

/// One state of a deployment's model. Never changed: another model or other options are another version.
public struct ModelVersion: Sendable, Hashable {
    public var alias: String
    /// 1 and up within its deployment.
    public var number: Int
    public var content: VersionContent
    public var created: Date
    public var by: ReleasePerson
    public var note: String
    /// Whether its workers are to be up.
    public var isUp: Bool
    /// Until when its workers stay up for a rollback.
    public var standbyUntil: Date?
    /// When it last was the one that serves; nil: never.
    public var served: Date?
    /// It was rolled back from: a rollback without a name passes it over.
    public var rolledBack: Date?
    /// It is no longer kept.
    public var pruned: Date?
}

/// What a version is made of.
public struct VersionContent: Sendable, Hashable, Codable {
    /// Path or name, as the worker takes it.
    public var model: String
    /// Of the model's files; workers must show the same.
    public var digest: String
    /// The worker's options by name.
    public var options: [String: String]

    public init(model: String, digest: String, options: [String: String] = [:]) {
        self.model = model
        self.digest = digest
        self.options = options
    }

    func check() throws(ReleaseError) {
        guard !model.isEmpty, model.utf8.count <= 4096 else {
            throw .invalid(field: "model", problem: "must name a model in at most 4096 bytes")
        }
        guard !digest.isEmpty, digest.utf8.count <= 256 else {
            throw .invalid(field: "digest", problem: "must be that of the model's files (hadal models show)")
        }
        guard options.count <= 100, options.allSatisfy({ $0.key.utf8.count + $0.value.utf8.count <= 4096 }) else {
            throw .invalid(field: "options", problem: "at most 100 of at most 4096 bytes each")
        }
    }
}
