import Foundation
import HadalAccess
import Logging
import Synchronization

/// The spaces of all tenants. The default one's lies in the data directory itself, the others' below `tenants`.
final class TenantSpaces: Sendable {
    private let directory: URL?
    private let encryption: EncryptionAtRest?
    private let logger: Logger
    private let spaces = Mutex<[String: TenantSpace]>([:])
    /// Each space once it is opened.
    let opened: AsyncStream<TenantSpace>
    private let announce: AsyncStream<TenantSpace>.Continuation

    /// Opens what is there: a tenant's batches go on although nobody asks for them.
    /// - Throws: `GatewayError`.
    init(directory: String?, encryption: EncryptionAtRest?, logger: Logger) throws(GatewayError) {
        self.directory = directory.map { URL(fileURLWithPath: $0) }
        self.encryption = encryption
        self.logger = logger
        (opened, announce) = AsyncStream.makeStream()
        for tenant in [Principal.defaultTenant] + existing { _ = try space(of: tenant) }
    }

    /// - Throws: `GatewayError` where its directory cannot be used.
    func space(of tenant: String) throws(GatewayError) -> TenantSpace {
        let result: Result<TenantSpace, GatewayError> = spaces.withLock { spaces in
            if let space = spaces[tenant] { return .success(space) }
            return Result { () throws(GatewayError) in
                let space = try open(tenant)
                spaces[tenant] = space
                announce.yield(space)
                return space
            }
        }
        return try result.get()
    }

    private func open(_ tenant: String) throws(GatewayError) -> TenantSpace {
        let place = place(of: tenant)
        do {
            return try TenantSpace(tenant: tenant, directory: place, encryption: encryption, logger: logger)
        } catch let error as GatewayError {
            throw error
        } catch {
            throw .dataDirectory(path: place?.path ?? "", problem: error.localizedDescription)
        }
    }

    private func place(of tenant: String) -> URL? {
        tenant == Principal.defaultTenant ? directory : tenants?.appendingPathComponent(tenant)
    }

    private var tenants: URL? { directory?.appendingPathComponent("tenants") }

    /// The names of the others that have something on disk.
    private var existing: [String] {
        tenants.flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0.path) } ?? []
    }
}
