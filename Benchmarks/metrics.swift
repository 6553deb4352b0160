// How many events a second the counts and histograms of /metrics take, on one thread and on two that count the same series.
//
//   M=Sources/HadalGateway/Metrics
//   swiftc -O -parse-as-library -o /tmp/metrics Benchmarks/metrics.swift $M/CounterFamily.swift $M/HistogramFamily.swift \
//       $M/LabelValues.swift $M/MetricDescription.swift $M/MetricsText.swift $M/SeriesTable.swift && /tmp/metrics
//
// The best of five rounds counts.
import Foundation

@main
struct MetricsBenchmark {
    static let events = 2_000_000
    static let labels = (0..<20).map { LabelValues("tenant\($0 % 5)", "model\($0 % 4)", "completion") }

    static func main() async {
        let counter = CounterFamily("events_total", "Events.", ["tenant", "model", "kind"])
        let histogram = HistogramFamily("took_seconds", "Seconds.", ["tenant", "model", "kind"], bounds: HistogramFamily.fine)
        for threads in [1, 2] {
            await measure("counter", threads) { counter.count(labels[$0 % 20]) }
            await measure("histogram", threads) { histogram.note(Double($0 % 1000) / 1000, labels[$0 % 20]) }
        }
        // An answer of 100 tokens notes its gaps at once.
        let gaps = (0..<100).map { Double($0) / 1000 }
        await measure("histogram, 100 at once", 1, each: 100) { histogram.note(gaps, labels[$0 % 20]) }
        let start = ContinuousClock.now
        var text = MetricsText()
        histogram.write(to: &text)
        print("a scrape of \(text.text.utf8.count) bytes: \(ContinuousClock.now - start)")
    }

    static func measure(_ name: String, _ threads: Int, each: Int = 1, _ body: @escaping @Sendable (Int) -> Void) async {
        var best = 0.0
        for _ in 0..<5 {
            let start = ContinuousClock.now
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<threads { group.addTask { for event in 0..<events / each { body(event) } } }
            }
            best = max(best, Double(threads * events) / ((ContinuousClock.now - start) / .seconds(1)))
        }
        print("\(name), \(threads) threads: \(String(format: "%.2f", best / 1e6)) million a second")
    }
}
