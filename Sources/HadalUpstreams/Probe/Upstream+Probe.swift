import Foundation
import Synchronization

extension Upstream {
    /// Since it was found.
    public var errors: UpstreamErrors { state.withLock(\.errors) }
    /// When it was found out what it can do.
    public var probed: Date { state.withLock(\.probed) }
    /// Whether that is found out anew just now.
    public var isProbed: Bool { state.withLock(\.isProbed) }

    /// Finds out anew what it can do. Requests go by what was known until that is done. What it used counts for the budget;
    /// one that answers is no longer left alone.
    /// - Returns: false where somebody else does so at this moment.
    /// - Throws: as `UpstreamProbe.run`; then what was known holds on.
    public func probe() async throws -> Bool {
        let isFirst = state.withLock { state in
            defer { state.isProbed = true }
            return !state.isProbed
        }
        guard isFirst else { return false }
        defer { state.withLock { $0.isProbed = false } }
        let found: UpstreamProbe.Finding
        do { found = try await UpstreamProbe.find(client.http) } catch {
            note(error)
            throw error
        }
        state.withLock { state in
            state.client = found.client
            state.model = found.model
            state.probed = Date()
            state.budget.add(found.usage, settings.prices, at: Date())
        }
        record(.answered)
        return true
    }
}
