import Foundation
import Logging

/// What one tenant has made and no other sees: files, batches, variants of models, kept answers.
struct TenantSpace: Sendable {
    let tenant: String
    /// nil: nothing is kept on disk.
    let files: FilesAnswer.Stores?
    let variants: VariantStore
    let responses = ResponseStore()

    /// - Parameter directory: nil: nothing is kept on disk.
    init(tenant: String, directory: URL?, encryption: EncryptionAtRest?, logger: Logger) throws {
        self.tenant = tenant
        let kept = KeptFiles(tenant: tenant, encryption: encryption)
        variants = try VariantStore(directory, kept, logger: logger)
        files = try directory.map {
            .init(files: try FileStore($0, kept, logger: logger), batches: try BatchStore($0, kept))
        }
        let plainCount = variants.plainCount + (files.map { $0.files.plainCount + $0.batches.plainCount } ?? 0)
        if kept.keys != nil, plainCount > 0 {
            logger.warning(
                "what was written before conversations were encrypted lies in plain until it is written again",
                metadata: ["tenant": "\(tenant)", "files, batches, variants": "\(plainCount)"])
        }
    }
}
