import Foundation
import HadalConfiguration
import HadalPlan
import HadalStore

extension StoreSettings {
    /// What Hadal knows, and what the configuration's file adds.
    func modelCatalogue() throws -> ModelCatalogue {
        guard let catalogue else { return .published }
        let file: CatalogueFile
        do throws(ConfigurationError) { file = try CatalogueFile.load(catalogue) } catch {
            throw CommandFailure("the catalogue cannot be used:\n\(error)")
        }
        do { return try ModelCatalogue.published.adding(file.models.map(CatalogueAddition.init)) } catch {
            throw CommandFailure("\(catalogue): \(error)")
        }
    }
}

extension CatalogueModel {
    /// - Throws: `StoreError.badName`
    func fileDigests() throws(StoreError) -> [FilePath: BlobDigest] {
        var all: [FilePath: BlobDigest] = [:]
        for (path, hex) in digests { all[try FilePath(path)] = BlobDigest(hex: hex) }
        return all
    }
}

extension CatalogueAddition {
    fileprivate init(_ entry: CatalogueEntry) throws {
        self.init(repository: entry.repository)
        (name, billions, context, license) = (entry.name, entry.parameters, entry.context, entry.license)
        digests = entry.files
        published =
            switch entry.format {
            case .bf16: .bf16
            case .fp8: .fp8
            case .fp4: .fp4
            case nil: nil
            }
        if entry.temperature != nil || entry.topP != nil {
            sampling = CatalogueModel.Sampling(temperature: entry.temperature, topP: entry.topP)
        }
        guard let path = entry.config else { return }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw CommandFailure("\(entry.repository): its config \(path) cannot be read; check that it is there")
        }
        config = text
    }
}
