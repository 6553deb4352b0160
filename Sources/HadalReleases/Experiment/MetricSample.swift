/// All values of a metric that one version has.
struct MetricSample: Sendable, Hashable {
    var isBinary = false
    var values = Moments()
    /// Of the means of each subject: subjects are independent of each other, answers to one of them are not.
    var subjects = Moments()

    /// Of a binary metric.
    var rate: Rate { Rate(hits: Int((values.mean * Double(values.count)).rounded()), count: values.count) }
}
