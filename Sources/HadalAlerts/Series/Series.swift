/// What a metric's values over time are known by.
public struct Series: Sendable, Hashable {
    public let metric: String
    public let labels: Labels

    public init(_ metric: String, _ labels: Labels = [:]) {
        self.metric = metric
        self.labels = labels
    }
}
