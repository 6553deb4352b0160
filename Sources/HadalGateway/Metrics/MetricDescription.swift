/// What is told of a metric beside its values.
struct MetricDescription: Sendable {
    enum Kind: String, Sendable { case counter, gauge, histogram }

    let kind: Kind
    let name: String
    /// One sentence, with the unit.
    let help: String
    /// Four at most, in the order in which values are given.
    let labels: [String]

    /// The same figures under vLLM's name, for dashboards that are made for it: its label for the model is `model_name`.
    func named(_ name: String) -> MetricDescription {
        MetricDescription(kind, name, help, labels.map { $0 == "model" ? "model_name" : $0 })
    }

    init(_ kind: Kind, _ name: String, _ help: String, _ labels: [String] = []) {
        precondition(labels.count <= LabelValues.limit)
        self.kind = kind
        self.name = name
        self.help = help
        self.labels = labels
    }
}
