import HadalClient

/// Load tests one after the other with more load each, to find how much a server takes.
public struct Ramp: Sendable {
    public struct Step: Sendable {
        /// Clients, or questions a second.
        public var load: Double
        public var result: LoadResult

        public init(load: Double, _ result: LoadResult) { (self.load, self.result) = (load, result) }
    }

    /// The least by which more load has to bring more tokens a second.
    static let gain = 1.1
    /// The share of its answers that a step has to give within the objectives.
    static let share = 0.9

    /// - Parameters:
    ///   - loads: ascending.
    ///   - arrival: of a load.
    ///   - begins: is told each step's load before it.
    /// - Returns: as many steps as were made: a step in which nothing was answered is the last.
    public static func run(
        _ client: HadalClient, model: String, _ options: LoadTest.Options, loads: [Double],
        arrival: (Double) -> Arrival, begins: (Double) -> Void = { _ in },
        progress: @escaping @Sendable (LoadTest.Progress) -> Void = { _ in }
    ) async throws -> [Step] {
        var steps: [Step] = []
        for load in loads where !Task.isCancelled {
            begins(load)
            var options = options
            options.arrival = arrival(load)
            // Else its prompts would be those that the step before has left in the cache.
            options.workload.seed &+= UInt64(steps.count)
            let result = try await LoadTest(client, model: model, options).run(progress: progress)
            steps.append(Step(load: load, result))
            if result.answered == 0 { break }
        }
        return steps
    }

    /// The most load that the server still turns into work: with objectives, the last step before one in which fewer than 90 %
    /// of answers meet them; without, the last before one that brings less than 10 % more tokens a second.
    /// - Returns: nil: the first step was too much already; the last one, where it never was too much.
    public static func knee(_ steps: [Step]) -> Step? {
        var knee: Step?
        for step in steps {
            let result = step.result
            let isFine: Bool
            if let goodput = result.goodput {
                isFine = result.answered > 0 && goodput >= share * result.answersPerSecond && result.errorRate < 0.01
            } else {
                isFine =
                    result.errorRate < 0.01
                    && knee.map { result.tokensPerSecond >= gain * $0.result.tokensPerSecond } ?? (result.answered > 0)
            }
            guard isFine else { return knee }
            knee = step
        }
        return knee
    }

    /// Doubled from one to the other.
    public static func loads(from: Double, to: Double) -> [Double] {
        var loads: [Double] = []
        var load = from
        while load < to {
            loads.append(load)
            load *= 2
        }
        return loads + [to]
    }

    // MARK: for people

    static func header(_ unit: String) -> [String] {
        [unit, "tokens/s", "answers/s", "goodput", "TTFT p50", "TTFT p99", "ITL p99", "E2E p99", "failed"]
    }

    static func row(_ step: Step) -> [String] {
        let result = step.result
        func time(_ measure: Objective.Measure, _ percentile: Double) -> String {
            guard let times = result.distributions[measure], times.count > 0 else { return "–" }
            return Text.seconds(times.at(percentile))
        }
        return [
            Text.number(step.load), Text.number(result.tokensPerSecond), Text.number(result.answersPerSecond),
            result.goodput.map(Text.number) ?? "–", time(.ttft, 50), time(.ttft, 99), time(.itl, 99), time(.e2e, 99),
            Text.percent(result.errorRate),
        ]
    }

    static func conclusion(_ steps: [Step], of unit: String) -> String {
        guard let knee = knee(steps) else { return "the first step was more than the server takes" }
        return "up to \(Text.number(knee.load)) \(unit) more load brings more: "
            + "\(Text.number(knee.result.tokensPerSecond)) tokens/s"
    }

    /// - Parameter unit: of loads: `clients`, `a second`.
    public static func text(_ steps: [Step], of unit: String) -> String {
        (LoadResult.aligned([header(unit)] + steps.map(row)) + [conclusion(steps, of: unit)]).joined(separator: "\n")
    }
}
