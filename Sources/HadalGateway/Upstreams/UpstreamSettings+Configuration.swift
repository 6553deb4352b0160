import Foundation
import HadalConfiguration
import HadalUpstreams

extension ServedModel {
    public init(upstream: UpstreamSettings) {
        self.init(name: upstream.name, reference: upstream.baseURL.absoluteString)
        upstreams = [upstream]
    }

    /// - Returns: nil where the model has none.
    public init?(upstreamsOf model: ModelSettings) {
        let upstreams = UpstreamSettings.all(of: model)
        guard let first = upstreams.first, let name = model.name else { return nil }
        self.init(upstream: first)
        self.name = name
        self.upstreams = upstreams
    }
}

extension UpstreamSettings {
    /// Named as the model's workers are: `cloud`, or `cloud#1` and so on where it has several.
    public static func all(of model: ModelSettings) -> [UpstreamSettings] {
        guard let name = model.name else { return [] }
        let urls = model.upstream.urls
        return urls.enumerated().map { index, url in
            UpstreamSettings(urls.count == 1 ? name : "\(name)#\(index + 1)", of: name, url, model.upstream)
        }
    }

    private init(_ name: String, of model: String, _ url: URL, _ upstream: UpstreamModelSettings) {
        self.init(name: name, base: url, model: upstream.model ?? model)
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
