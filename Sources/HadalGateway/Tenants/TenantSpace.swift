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
    init(tenant: String, directory: URL?, logger: Logger) throws {
        self.tenant = tenant
        variants = try VariantStore(directory, logger: logger)
        files = try directory.map {
            .init(files: try FileStore($0, logger: logger), batches: try BatchStore($0))
        }
    }
}
