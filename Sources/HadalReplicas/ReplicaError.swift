import HadalStore

/// What is wrong with a place, or could not be done there.
public struct PlaceProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// As people know it: `/mnt/models`, `s3://models/hadal`.
    public let place: String
    public let problem: String

    public init(_ place: String, _ problem: String) { (self.place, self.problem) = (place, problem) }

    public var description: String { problem.contains(place) ? problem : "\(place): \(problem)" }
}

/// Why a model cannot be brought from a replica, and what to do.
public enum ReplicaError: Error, Sendable, Hashable {
    /// - problems: one for each place that was asked.
    case noWholeCopy(file: String, problems: [PlaceProblem])
    case noModel(reference: String, place: String)
    /// A manifest in a replica that is none.
    case badManifest(place: String, name: String, problem: String)
    /// A model of the store that a replica has with other bytes, although of the same commit.
    case otherFiles(model: String, place: String)
    /// - names: of manifests that cannot be read.
    case unknownContents(place: String, names: [String])
    /// A place is encrypted, or is to be.
    case noKeyService
}

extension ReplicaError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noWholeCopy(let file, []): "\(file): no replica can be asked for it"
        case .noWholeCopy(let file, let problems):
            "\(file): no replica has it whole (\(problems.map(\.description).joined(separator: "; ")))"
        case .noModel(let reference, let place):
            "there is no model '\(reference)' in \(place); without a name, all that is there is fetched"
        case .badManifest(let place, let name, let problem):
            "\(place)/\(name): \(problem); hadal verify --replicas --repair mends it where another copy is"
        case .otherFiles(let model, let place):
            "\(model) is here, and \(place) has other bytes for the same commit: what is here stays; to take "
                + "those of the place, remove the model first (hadal models rm)"
        case .unknownContents(let place, let names):
            "\(place): \(names.joined(separator: ", ")) cannot be read, so that it is not known which files are still "
                + "needed; nothing was removed there: hadal verify --replicas --repair first"
        case .noKeyService:
            "it is encrypted, or is to be, and nobody keeps the key: configure 'secrets:' (service passphrase, pkcs11 "
                + "or vault; docs/data-at-rest.md)"
        }
    }
}
