/// Takes members out for a time that do worse than the others, as Envoy's outlier detection does.
public struct OutlierEjection: Sendable {
    public struct Ejection: Sendable, Hashable {
        public var reason: EjectionReason
        public var until: ContinuousClock.Instant
    }

    struct Record: Sendable {
        var failuresInRow = 0
        var successes = 0
        var failures = 0
        var latencySum = 0.0
        var latencyCount = 0
        var ejection: Ejection?
        /// How often, less the intervals in peace since.
        var times = 0
        /// Whether it was ejected at any time since members were compared.
        var wasEjected = false

        var calls: Int { successes + failures }

        mutating func beginInterval() { (successes, failures, latencySum, latencyCount) = (0, 0, 0, 0) }
    }

    public var settings: OutlierEjectionSettings
    private(set) var records: [String: Record] = [:]
    private var nextSweep: ContinuousClock.Instant?

    public init(_ members: [String] = [], settings: OutlierEjectionSettings = OutlierEjectionSettings()) {
        self.settings = settings
        update(members)
    }

    /// Forgets those that are not among them.
    public mutating func update(_ members: [String]) {
        let old = records
        records = Dictionary(members.map { ($0, old[$0] ?? Record()) }) { first, _ in first }
    }

    public func ejection(of member: String, at time: ContinuousClock.Instant) -> Ejection? {
        records[member]?.ejection.flatMap { $0.until > time ? $0 : nil }
    }

    /// - Parameters:
    ///   - latency: to the first token.
    ///   - time: when the call ended.
    public mutating func record(
        _ member: String, isSuccess: Bool, latency: Duration? = nil, at time: ContinuousClock.Instant
    ) {
        sweep(at: time)
        // Calls that began before an ejection say nothing new.
        guard var record = records[member], record.ejection == nil else { return }
        record.failuresInRow = isSuccess ? 0 : record.failuresInRow + 1
        if isSuccess { record.successes += 1 } else { record.failures += 1 }
        if isSuccess, let latency {
            record.latencySum += latency.inSeconds
            record.latencyCount += 1
        }
        records[member] = record
        if record.failuresInRow >= settings.consecutiveFailures { eject(member, .consecutiveFailures, time) }
    }

    /// Lets members back in whose time is over and, at the end of an interval, compares all.
    public mutating func sweep(at time: ContinuousClock.Instant) {
        for (member, record) in records {
            guard let ejection = record.ejection, ejection.until <= time else { continue }
            records[member]?.ejection = nil
            records[member]?.failuresInRow = 0
            records[member]?.beginInterval()
        }
        guard let due = nextSweep else {
            nextSweep = time.advanced(by: settings.interval)
            return
        }
        guard due <= time else { return }
        for (member, reason) in outliers { eject(member, reason, time) }
        let intervals = 1 + Int(due.duration(to: time) / max(settings.interval, .milliseconds(1)))
        for (member, record) in records {
            if !record.wasEjected { records[member]?.times = max(0, record.times - intervals) }
            records[member]?.wasEjected = record.ejection != nil
            records[member]?.beginInterval()
        }
        nextSweep = time.advanced(by: settings.interval)
    }

    private mutating func eject(_ member: String, _ reason: EjectionReason, _ time: ContinuousClock.Instant) {
        let ejected = records.values.count { $0.ejection != nil }
        let share = settings.maximumShare > 0 ? max(1, Int(settings.maximumShare * Double(records.count))) : 0
        let limit = min(records.count - 1, share)
        guard var record = records[member], record.ejection == nil, ejected < limit else { return }
        record.times = min(record.times + 1, 1000)
        record.wasEjected = true
        let duration = min(settings.ejectionTime * record.times, settings.maximumEjectionTime)
        record.ejection = Ejection(reason: reason, until: time.advanced(by: duration))
        records[member] = record
    }
}

extension OutlierEjection {
    /// Members that do worse than the others, the worst first.
    private var outliers: [(String, EjectionReason)] {
        let compared = records.filter { $0.value.ejection == nil && $0.value.calls >= settings.minimumCalls }
        return lowRates(compared).map { ($0, .successRate) } + highLatencies(compared).map { ($0, .latency) }
    }

    private func lowRates(_ compared: [String: Record]) -> [String] {
        guard compared.count >= max(settings.minimumMembers, 2) else { return [] }
        let rates = compared.map { (member: $0.key, rate: Double($0.value.successes) / Double(max($0.value.calls, 1))) }
            .sorted { ($0.rate, $0.member) < ($1.rate, $1.member) }
        let mean = rates.reduce(0) { $0 + $1.rate } / Double(rates.count)
        let variance = rates.reduce(0) { $0 + ($1.rate - mean) * ($1.rate - mean) } / Double(rates.count)
        // One of n members lies at most √(n - 1) deviations below the mean, and so far where all others are alike.
        let deviations = min(settings.deviations, 0.95 * Double(rates.count - 1).squareRoot())
        let gap = max(deviations * variance.squareRoot(), settings.minimumRateGap)
        return rates.filter { $0.rate < mean - gap }.map(\.member)
    }

    private func highLatencies(_ compared: [String: Record]) -> [String] {
        let means = compared.filter { $0.value.latencyCount >= max(settings.minimumCalls, 1) }
            .map { (member: $0.key, latency: $0.value.latencySum / Double($0.value.latencyCount)) }
            .sorted { ($1.latency, $0.member) < ($0.latency, $1.member) }
        guard means.count >= max(settings.minimumLatencyMembers, 3) else { return [] }
        let middle = means.count / 2
        let median =
            means.count % 2 == 1 ? means[middle].latency : (means[middle - 1].latency + means[middle].latency) / 2
        let bound = max(settings.latencyFactor * median, median + settings.minimumLatencyGap.inSeconds)
        return means.filter { $0.latency > bound }.map(\.member)
    }
}
