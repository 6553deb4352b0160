import Foundation
import HadalConfiguration
import HadalUpstreams

extension ServedModel {
    public init(upstream: UpstreamSettings) {
        self.init(name: upstream.name, reference: upstream.baseURL.absoluteString)
        self.upstream = upstream
    }
}

extension UpstreamSettings {
    /// - Returns: nil where the model has no upstream.
    public init?(_ model: ModelSettings) {
        let upstream = model.upstream
        guard let url = upstream.url, let name = model.name else { return nil }
        self.init(name: name, base: url, model: upstream.model ?? name)
        kind = upstream.kind == .auto ? nil : UpstreamKind(rawValue: upstream.kind.rawValue)
        key =
            upstream.key.file.map(UpstreamKeyPlace.file)
            ?? upstream.key.environmentVariable.map(UpstreamKeyPlace.environment)
        contextLength = upstream.context
        if upstream.inputPrice != nil || upstream.outputPrice != nil {
            prices = UpstreamPrices(
                input: upstream.inputPrice ?? 0, output: upstream.outputPrice ?? 0, cached: upstream.cachedPrice)
        }
        budget.day = Budget.Limit(tokens: upstream.tokensPerDay, money: upstream.moneyPerDay)
        budget.month = Budget.Limit(tokens: upstream.tokensPerMonth, money: upstream.moneyPerMonth)
        concurrency = upstream.requests
        timeouts.connect = upstream.connectTime
        timeouts.firstByte = upstream.firstByteTime
        timeouts.betweenEvents = upstream.silenceTime
        tlsAuthority = upstream.tlsCA
        allowsPlainHTTP = upstream.plainHTTP
    }
}
