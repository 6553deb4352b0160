/// A metric's series by their labels. Past a limit, new tenants and models are gathered under `other`, so that its size
/// is bounded however many there are.
struct SeriesTable<Value: Sendable>: Sendable {
    private let names: [String]
    private let limit: Int
    private var series: [LabelValues: Value] = [:]

    /// - Parameter names: of the labels.
    init(_ names: [String], limit: Int) {
        self.names = names
        self.limit = limit
    }

    /// Changes a series in its place.
    /// - Parameter initial: of a new one.
    mutating func change(_ labels: LabelValues, from initial: @autoclosure () -> Value, _ change: (inout Value) -> Void)
    {
        if let index = series.index(forKey: labels) {
            change(&series.values[index])
        } else {
            change(&series[series.count < limit ? labels : labels.gathered(names), default: initial()])
        }
    }

    var all: [(labels: LabelValues, value: Value)] { series.map { ($0.key, $0.value) } }
}
