import Synchronization

/// Counts that only grow, by their labels. A count costs a look-up; the lock is held for that long, and while a scrape
/// copies the numbers.
final class CounterFamily: Sendable {
    let description: MetricDescription
    /// vLLM's name for it.
    private let other: String?
    private let table: Mutex<SeriesTable<Int>>

    /// - Parameters:
    ///   - other: another name under which it is told too.
    ///   - limit: series before new tenants and models are counted as `other`.
    init(_ name: String, _ help: String, _ labels: [String] = [], other: String? = nil, limit: Int = 2000) {
        description = MetricDescription(.counter, name, help, labels)
        self.other = other
        table = Mutex(SeriesTable(labels, limit: limit))
    }

    func count(_ labels: LabelValues = LabelValues(), _ number: Int = 1) {
        table.withLock { $0.change(labels, from: 0) { $0 += number } }
    }

    func write(to text: inout MetricsText) {
        let all = table.withLock(\.all).sorted { $0.labels < $1.labels }.map { ($0.labels, Double($0.value)) }
        text.add(description, all)
        if let other { text.add(description.named(other), all) }
    }
}
