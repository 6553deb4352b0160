import HadalWire

extension ModelClient {
    /// What it tells once it has the digest: a worker computes a big model's beside its answers, and is asked once a second.
    /// - Throws: `CancellationError`.
    func digested() async throws -> WorkerModel {
        while true {
            try await Task.sleep(for: .seconds(1))
            // A worker that is not there yet, or is gone, is noticed by who watches it.
            if let model = try? await describe(), model.digest != nil { return model }
        }
    }
}

extension Deployment {
    /// Takes over the digest of a worker that does not know it yet.
    /// - Throws: `CancellationError`.
    func learnDigest() async throws {
        if model?.digest == nil { presence.learn(try await client.digested()) }
    }
}
