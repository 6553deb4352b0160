import HadalCheckpoint
import HadalCompute

extension Plan {
    /// What to do, in whole sentences.
    public var advice: [String] {
        guard let recommended, case .success(let served) = options[recommended].outcome else { return whyNothing }
        let replica = served.replica
        let option = options[recommended]
        var advice = [
            "\(option.format) on \(machines(served)). A replica then computes \(count(replica.batch, "answer")) at a "
                + "time; one takes \(String(replica.latency, decimals: 1)) s and its first token, where nothing is "
                + "ahead of it, \(String(replica.firstToken, decimals: 1)) s.",
            "A replica needs \(Bytes.text(replica.memory.total)) of \(Bytes.text(usable(replica))) that are usable, "
                + "and can give \(String(replica.capacity, decimals: 1)) answers a minute.",
        ]
        if recommended > 0, case .success(let better) = options[recommended - 1].outcome {
            advice.append("\(options[recommended - 1].format) would need \(machines(better)).")
        }
        let spare = usable(replica) - replica.memory.total + replica.memory.cache
        let kept = served.replicas * max(0, spare) / max(1, cacheOfAllUsers / load.users)
        advice.append(
            kept >= load.users
                ? "There is memory for the conversations of all \(load.users) users, so that what was said before is "
                    + "not computed again."
                : "There is memory for \(kept) of \(load.users) full conversations; what others said before is "
                    + "computed again, or comes from disk (--prefix-cache-dir).")
        if replica.memory.beside > 0 {
            advice.append(
                "Experts of \(Bytes.text(replica.memory.beside)) are computed by \(settings.beside?.name ?? "the processor")."
            )
        }
        if model.obstacle == nil, hardware.kind == .processor || settings.beside != nil {
            advice.append(commands(option, replica))
        }
        if let cost = served.cost { advice.append(sentence(cost)) }
        return advice
    }

    private func usable(_ replica: Replica) -> Int { hardware.joined(replica.devices).usableMemory }

    private func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    private func machines(_ served: Served) -> String {
        let each = served.replica.devices
        let replicas = count(served.replicas, "replica")
        if hardware.kind == .processor {
            return replicas + (served.replicas > 1 ? ", each on a machine of its own" : "")
        }
        let beside = settings.beside.map { "\(served.replicas > 1 ? ", each" : "") in a machine with \($0.name)" } ?? ""
        return replicas + " of \(each) × \(hardware.name)" + beside
    }

    private func commands(_ option: Option, _ replica: Replica) -> String {
        let pack =
            option.packed.map { format in
                let name = format == .f8_E4M3 ? "fp8" : format.name.lowercased()
                return "hadal pack MODEL PACKED --format \(name), then "
            } ?? ""
        // One conversation more, for what is read ahead.
        let cache = Double(replica.memory.cache) * Double(replica.batch + 1) / Double(replica.batch)
        return (model.isOnDisk ? "Run: " : "Once it is downloaded, run: ") + pack
            + "hadal serve \(option.packed == nil ? "MODEL" : "PACKED") --context \(load.context) "
            + (hardware.kind == .accelerator ? "--device cuda " : "")
            + "--batch \(replica.batch) --kv-format \(settings.cacheFormat.rawValue) "
            + "--kv-cache \(max(1, Int((cache / 1e6).rounded(.up))))MB"
    }

    private func sentence(_ cost: Cost) -> String {
        func money(_ amount: Double) -> String { String(amount, decimals: 2) }
        let own =
            "A million tokens cost \(money(cost.perMillion)) at this load, \(money(cost.perMillionFull)) where the "
            + "machines are full; \(money(cost.perMonth)) a month"
        guard let cloud = cost.cloudPerMillion, let month = cost.cloudPerMonth else { return own + "." }
        return own + ". The cloud takes \(money(cloud)) for as many, \(money(month)) a month: "
            + (month > cost.perMonth ? "own machines are cheaper." : "it is cheaper at this load.")
    }

    /// Which wish stands in the way of the format that comes nearest.
    private var whyNothing: [String] {
        let late = options.compactMap { option -> (format: String, seconds: Double)? in
            guard case .failure(.latency(_, let seconds, _)) = option.outcome else { return nil }
            return (option.format, seconds)
        }
        guard let fastest = late.min(by: { $0.seconds < $1.seconds }) else {
            return ["Nothing fits: take a machine with more memory, a shorter --context, or a smaller model."]
        }
        return [
            "Nothing answers within \(String(load.latencyMax, decimals: 0)) s: the fastest that fits, "
                + "\(fastest.format), takes \(String(fastest.seconds, decimals: 0)) s. Allow more (--target-latency), "
                + "ask for fewer tokens, or take a faster machine or a smaller model."
        ]
    }
}
