import HadalJSON
import HadalModels

/// A published model: what its authors say of it, and enough of its `config.json` to know every tensor, before anything
/// is downloaded.
public struct CatalogueModel: Sendable {
    /// What a model card recommends; nil: it says nothing.
    public struct Sampling: Sendable, Hashable {
        public let temperature: Double?
        public let topP: Double?

        public init(temperature: Double?, topP: Double?) { (self.temperature, self.topP) = (temperature, topP) }
    }

    public let name: String
    /// At Hugging Face and ModelScope.
    public let repository: String
    public let published: PublishedFormat
    /// Parameters as its authors give them, in thousand millions.
    public let billions: Double
    /// As the repository names it: `mit`.
    public internal(set) var license: String?
    public internal(set) var sampling: Sampling?
    /// SHA-256 by file, in hex, that the files must have; empty: none are known.
    public internal(set) var digests: [String: String] = [:]
    /// The commit that has these files; nil: not known.
    public internal(set) var digestsRevision: String?
    /// Where it is not in `config`.
    var givenContext: Int?
    private let config: String?

    init(_ name: String, _ repository: String, _ published: PublishedFormat, _ billions: Double, _ config: String?) {
        self.name = name
        self.repository = repository
        self.published = published
        self.billions = billions
        self.config = config
    }

    /// Whether its tensors are known.
    public var hasShape: Bool { config != nil }

    /// Tokens that it was trained for; nil: not known.
    public var context: Int? { (try? shape().context) ?? givenContext }

    /// - Throws: `ModelError` where the catalogue is wrong, `PlanError.noShape` where it does not know.
    public func shape() throws -> ModelShape {
        guard let config else { throw PlanError.noShape(name) }
        return try ModelShape(config: JSON(parsing: Array(config.utf8)))
    }

    /// With what an addition says of it.
    func changed(by addition: CatalogueAddition) -> CatalogueModel {
        var model = CatalogueModel(
            addition.name ?? name, repository, addition.published ?? published, addition.billions ?? billions,
            addition.config ?? config)
        model.license = addition.license ?? license
        model.sampling = addition.sampling ?? sampling
        if addition.digests.isEmpty {
            (model.digests, model.digestsRevision) = (digests, digestsRevision)
        } else {
            model.digests = addition.digests
        }
        model.givenContext = addition.context ?? givenContext
        return model
    }
}
