/// A model that is not among those published here, or what is to be said otherwise of one that is.
public struct CatalogueAddition: Sendable {
    public let repository: String
    public var name: String?
    public var published: PublishedFormat?
    public var billions: Double?
    public var context: Int?
    public var license: String?
    public var sampling: CatalogueModel.Sampling?
    /// SHA-256 by file, in hex.
    public var digests: [String: String] = [:]
    /// A `config.json`.
    public var config: String?

    public init(repository: String) { self.repository = repository }
}

extension ModelCatalogue {
    /// With further models; one of a known repository changes what it says of that.
    /// - Throws: `PlanError` where a new one lacks its name or size, a name is there twice, or a `config.json` is none.
    public func adding(_ additions: [CatalogueAddition]) throws -> ModelCatalogue {
        var entries = entries
        for addition in additions {
            let known = entries.firstIndex { $0.repository.lowercased() == addition.repository.lowercased() }
            let model: CatalogueModel
            if let known {
                model = entries[known].changed(by: addition)
                entries[known] = model
            } else {
                guard let name = addition.name, let billions = addition.billions else {
                    throw PlanError.badAddition(
                        addition.repository, problem: "is not known here, so that it needs a name and its parameters")
                }
                model = CatalogueModel(name, addition.repository, .bf16, billions, nil).changed(by: addition)
                entries.append(model)
            }
            if entries.count(where: { $0.name.lowercased() == model.name.lowercased() }) > 1 {
                throw PlanError.badAddition(
                    addition.repository, problem: "has the name '\(model.name)' of another model")
            }
            guard addition.config != nil else { continue }
            do { _ = try model.shape() } catch {
                throw PlanError.badAddition(
                    addition.repository, problem: "has a config.json that cannot be used: \(error)")
            }
        }
        return ModelCatalogue(entries)
    }
}
