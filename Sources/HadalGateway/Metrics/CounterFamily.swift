import Synchronization

/// Counts that only grow, by their labels. A count costs a look-up; the lock is held for that long, and while a scrape
/// copies the numbers.
final class CounterFamily: Sendable {
    let description: MetricDescription
    private let table: Mutex<SeriesTable<Int>>

    /// - Parameter limit: series before new tenants and models are counted as `other`.
    init(_ name: String, _ help: String, _ labels: [String] = [], limit: Int = 2000) {
        description = MetricDescription(.counter, name, help, labels)
        table = Mutex(SeriesTable(labels, limit: limit))
    }

    func count(_ labels: LabelValues = LabelValues(), _ number: Int = 1) {
        table.withLock { $0.change(labels, from: 0) { $0 += number } }
    }

    func write(to text: inout MetricsText) {
        text.begin(description)
        for (labels, value) in table.withLock(\.all).sorted(by: { $0.labels < $1.labels }) {
            text.add(labels, Double(value))
        }
    }
}
