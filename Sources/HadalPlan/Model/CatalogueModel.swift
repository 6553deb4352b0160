import HadalJSON
import HadalModels

/// A published model: enough of its `config.json` to know every tensor, before anything is downloaded.
public struct CatalogueModel: Sendable {
    public let name: String
    /// At Hugging Face and ModelScope.
    public let repository: String
    public let published: PublishedFormat
    /// Parameters as its authors give them, in thousand millions.
    public let billions: Double
    private let config: String

    init(_ name: String, _ repository: String, _ published: PublishedFormat, _ billions: Double, _ config: String) {
        self.name = name
        self.repository = repository
        self.published = published
        self.billions = billions
        self.config = config
    }

    /// - Throws: `ModelError` where the catalogue is wrong.
    public func shape() throws -> ModelShape { try ModelShape(config: JSON(parsing: Array(config.utf8))) }
}
