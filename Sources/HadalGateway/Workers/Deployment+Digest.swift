import HadalWire

extension Deployment {
    /// A worker computes a big model's digest beside its answers: it is asked once a second until it has it.
    /// - Throws: `CancellationError`.
    func learnDigest() async throws {
        while model?.digest == nil {
            try await Task.sleep(for: .seconds(1))
            guard model != nil else { continue }
            // A worker that is gone is noticed by who watches it.
            if let described = try? await client.describe() { presence.learn(described) }
        }
    }
}
