/// When questions are asked.
public enum Arrival: Sendable, Hashable {
    /// So many clients, each asking again when it has its answer. A slow server is asked less: how long people would wait
    /// for it is not seen this way.
    case closed(clients: Int)
    /// So many a second on average whatever the server does, as those of many people come.
    /// - burstiness: 1: each comes independently of the others (Poisson); below 1: in bursts; above: more evenly. It is the
    ///   shape of the gamma distribution of the gaps.
    case open(rate: Double, burstiness: Double)
    /// As they were recorded.
    case trace

    /// Seconds from one question to the next.
    func gap(_ random: inout SeededGenerator) -> Double {
        guard case .open(let rate, let burstiness) = self else { return 0 }
        if burstiness == 1 { return random.exponential(mean: 1 / rate) }
        return random.gamma(shape: burstiness) / (burstiness * rate)
    }

    public var title: String {
        switch self {
        case .closed(let clients): "\(clients) \(clients == 1 ? "client" : "clients")"
        case .open(let rate, 1): "\(Text.number(rate)) a second"
        case .open(let rate, let burstiness): "\(Text.number(rate)) a second, burstiness \(Text.number(burstiness))"
        case .trace: "as recorded"
        }
    }
}
