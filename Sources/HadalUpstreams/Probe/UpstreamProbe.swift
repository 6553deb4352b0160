import Foundation
import HadalJSON
import HadalWire

/// Finds out what an upstream is and can do: from what it tells, and by about fifty small requests where nothing tells.
/// What is not proven is not declared.
public struct UpstreamProbe: Sendable {
    public struct Finding: Sendable {
        public var client: UpstreamClient
        public var model: WorkerModel
        /// What the requests used, for the budget.
        public var usage: Usage
    }

    let settings: UpstreamSettings
    let key: UpstreamKey?

    public init(_ settings: UpstreamSettings, key: UpstreamKey?) {
        self.settings = settings
        self.key = key
    }

    /// - Throws: `WorkerFailure` where the upstream refuses, also because it has too much to do; `UpstreamError`
    ///   where it is not there or cannot be used.
    public func run() async throws -> Finding {
        let http = try UpstreamHTTP(settings, key: key)
        do { return try await Self.find(http) } catch {
            try? await http.shutdown()
            throw error
        }
    }

    /// The same over connections that are there.
    static func find(_ http: UpstreamHTTP) async throws -> Finding {
        let settings = http.settings
        let identity = try await UpstreamIdentity.find(http)
        var trials = UpstreamTrials(http: http, identity: identity)
        try await trials.run()
        var contextLength = settings.contextLength ?? identity.contextLength
        if contextLength == nil { contextLength = try await trials.contextLength() }
        guard let contextLength else {
            throw UpstreamError.unusable(
                upstream: settings.name, problem: "it does not tell its context length; set context_length")
        }
        let capabilities = UpstreamCapabilities(
            kind: identity.kind, version: identity.version, contextLength: contextLength,
            features: trials.features, guidedForm: trials.guidedForm, thinkingForm: trials.thinkingForm)
        let model = WorkerModel(
            architecture: identity.architecture, contextLength: contextLength,
            vocabularySize: identity.vocabularySize, parameters: identity.parameters,
            weightBytes: identity.weightBytes, fingerprint: fingerprint(settings, identity, trials.fingerprint),
            abilities: abilities(trials.features), embeddingDimensions: trials.embeddingDimensions,
            digest: identity.digest)
        return Finding(client: UpstreamClient(http, capabilities), model: model, usage: trials.usage)
    }

    private static func abilities(_ features: Set<UpstreamFeature>) -> Set<WorkerModel.Ability> {
        let pairs: [(UpstreamFeature, WorkerModel.Ability)] = [
            (.chat, .chat), (.completion, .completion), (.infill, .infill), (.embedding, .embedding),
        ]
        return Set(pairs.filter { features.contains($0.0) }.map(\.1))
    }

    /// Of all that is known of what answers: FNV-1a, 64 bits.
    private static func fingerprint(
        _ settings: UpstreamSettings, _ identity: UpstreamIdentity, _ theirs: String?
    ) -> String {
        let parts = [
            settings.baseURL.absoluteString, identity.kind.rawValue, identity.version, settings.model,
            identity.digest ?? "", theirs ?? "",
        ]
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in parts.joined(separator: "\u{0}").utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return "up_" + String(hash, radix: 16)
    }
}
