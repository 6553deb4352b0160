/// What an A/B test says of one metric.
public struct ExperimentResult: Sendable, Hashable {
    public enum Test: Sendable, Hashable {
        /// Of a binary metric: one answer of each subject.
        case proportions(TwoProportionTest)
        /// Of numbers, or where subjects have several answers: on the means of the subjects.
        case means(WelchTest)
        /// Too few, or all the same.
        case none
    }

    public struct Side: Sendable, Hashable {
        public var version: Int
        public var answers: Int
        public var subjects: Int
        /// Of the answers: the rate of a binary metric.
        public var mean: Double
    }

    public var metric: String
    public var isBinary: Bool
    public var baseline: Side
    public var candidate: Side
    public var test: Test
    /// Holds however often one looks; nil where there is no test.
    public var sequential: SequentialBound?
    public var warnings: [String]

    init(
        metric: String, plan: ABPlan, _ baseline: (version: Int, sample: MetricSample),
        _ candidate: (version: Int, sample: MetricSample)
    ) {
        self.metric = metric
        isBinary = baseline.sample.isBinary || candidate.sample.isBinary
        let sides = [baseline, candidate].map { version, sample in
            Side(
                version: version, answers: sample.values.count, subjects: sample.subjects.count,
                mean: sample.values.mean)
        }
        (self.baseline, self.candidate) = (sides[0], sides[1])
        let isOneEach = sides.allSatisfy { $0.answers == $0.subjects }
        let significance = plan.significance
        let (first, second) = (baseline.sample.subjects, candidate.sample.subjects)
        if isBinary, isOneEach,
            let found = TwoProportionTest(baseline.sample.rate, candidate.sample.rate, significance: significance)
        {
            test = .proportions(found)
        } else if let found = WelchTest(first, second, significance: significance) {
            test = .means(found)
        } else {
            test = .none
        }
        let spread = ((first.variance + second.variance) / 2).squareRoot()
        if first.count > 1, second.count > 1 {
            sequential = SequentialBound(
                difference: second.mean - first.mean,
                variance: first.variance / Double(first.count) + second.variance / Double(second.count),
                scale: spread / 10, significance: significance)
        }
        warnings = Self.warnings(plan, sides, isOneEach: isOneEach)
    }

    private static func warnings(_ plan: ABPlan, _ sides: [Side], isOneEach: Bool) -> [String] {
        var warnings: [String] = []
        let fewest = sides.map(\.subjects).min() ?? 0
        if let planned = plan.plannedSubjects {
            if fewest < planned {
                warnings.append(
                    "\(fewest) of \(planned) planned subjects: who looks early and stops at p < \(plan.significance) "
                        + "is wrong more often than that; decide by the sequential bound, or wait")
            }
        } else {
            warnings.append(
                "no number of subjects was planned: p holds for a single look only; decide by the sequential bound")
        }
        if fewest < 30 { warnings.append("fewer than 30 subjects: the tests are rough") }
        if !isOneEach { warnings.append("some subjects have several answers: the test is on their means") }
        return warnings
    }
}
