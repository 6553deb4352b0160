import HadalJSON

extension RouteReading {
    /// A target's name, a chain, or a group with a chain below `targets`.
    mutating func use(_ value: JSON, _ path: String) -> RouteUse? {
        if value.object == nil {
            return RouteUse(chain: chain(value, path))
        }
        guard let fields = fields(value, path, known: ["targets", "sticky", "hedge_after", "timeout"]) else {
            return nil
        }
        var use = RouteUse(chain: [])
        if let value = fields["targets"] {
            use.chain = chain(value, fields.path(of: "targets"))
        } else {
            report(fields.path(of: "targets"), "it is missing", "write 'targets: [name]'")
        }
        if let value = fields["sticky"] {
            use.sticky = word(value, fields.path(of: "sticky"), of: Stickiness.self) ?? use.sticky
            if !use.chain.contains(where: { $0.count > 1 }) {
                report(
                    fields.path(of: "sticky"), "there is nothing to choose by weight",
                    "remove it, or write a list of targets with weights")
            }
        }
        use.hedgeAfter = hedgeDelay(fields)
        use.timeout = duration(fields, "timeout")
        if case .fixed(let delay)? = use.hedgeAfter, let timeout = use.timeout, delay >= timeout {
            report(
                fields.path(of: "hedge_after"), "the attempt has timed out by then",
                "write less than the timeout, \(DurationText.text(timeout))")
        }
        return use
    }

    /// Each item is a name, or a list of targets with weights.
    private mutating func chain(_ value: JSON, _ path: String) -> [[WeightedTarget]] {
        guard let items = value.array else {
            return text(value, path).map { [[WeightedTarget($0)]] } ?? []
        }
        if items.isEmpty { report(path, "the chain is empty", "write at least one target") }
        var chain: [[WeightedTarget]] = []
        var seen: Set<String> = []
        for (index, item) in items.enumerated() {
            let path = "\(path)[\(index)]"
            let group: [WeightedTarget]
            switch item {
            case .array(let members): group = self.group(members, path)
            case .object: group = target(item, path, isAlone: true).map { [$0] } ?? []
            default: group = text(item, path).map { [WeightedTarget($0)] } ?? []
            }
            for member in group where !seen.insert(member.target).inserted {
                report(path, "'\(member.target)' is in the chain already", "remove one of them")
            }
            chain.append(group)
        }
        return chain
    }

    private mutating func group(_ members: [JSON], _ path: String) -> [WeightedTarget] {
        if members.isEmpty { report(path, "the list of targets is empty", "write at least one target") }
        let group = members.enumerated().compactMap { index, member in
            target(member, "\(path)[\(index)]", isAlone: false)
        }
        if !group.isEmpty, group.count == members.count, group.allSatisfy({ $0.weight == 0 }) {
            report(path, "all weights are 0", "give at least one target a weight")
        }
        return group
    }

    private mutating func target(_ value: JSON, _ path: String, isAlone: Bool) -> WeightedTarget? {
        guard let fields = fields(value, path, known: isAlone ? ["target"] : ["target", "weight"]),
            let target = name(fields, "target")
        else { return nil }
        if isAlone { return WeightedTarget(target) }
        guard let value = fields["weight"] else {
            report(fields.path(of: "weight"), "it is missing", "write each target's share, such as 'weight: 80'")
            return nil
        }
        return integer(value, fields.path(of: "weight"), 0...1_000_000).map { WeightedTarget(target, weight: $0) }
    }

    private mutating func hedgeDelay(_ fields: Fields) -> HedgeDelay? {
        guard let value = fields["hedge_after"], let text = text(value, fields.path(of: "hedge_after")) else {
            return nil
        }
        if text.hasPrefix("p"), let percent = Double(text.dropFirst()), percent >= 50, percent < 100 {
            return .percentile(percent)
        }
        if let duration = DurationText.parse(text), duration > .zero { return .fixed(duration) }
        report(
            fields.path(of: "hedge_after"), "'\(text)' is neither a duration nor a percentile",
            "write such as 2s, or p50 to p99.9")
        return nil
    }
}
