import Foundation

/// What the system tells of the workers that are started here.
enum WorkerFigures {
    static func write(_ workers: ServedWorkers, to text: inout MetricsText) {
        let all = workers.all.compactMap { worker in worker.control.map { (LabelValues(worker.name), $0.status) } }
        func add(
            _ kind: MetricDescription.Kind, _ name: String, _ help: String,
            _ value: (WorkerControl.Status) -> Double?
        ) {
            text.add(
                .init(kind, "hadal_worker_" + name, help, ["model"]),
                all.compactMap { labels, status in value(status).map { (labels, $0) } })
        }
        let processes = Dictionary(
            all.compactMap { $0.1.process?.life.process }.filter { $0 > 0 }.map { ($0, ProcessFigures.of($0)) }
        ) { $1 }
        func figures(_ status: WorkerControl.Status) -> ProcessFigures? {
            status.process.flatMap { processes[$0.life.process] ?? nil }
        }
        add(.counter, "restarts_total", "Workers that were started after the first, but for those on demand.") {
            Double($0.restarts)
        }
        add(.gauge, "memory_bytes", "Memory of a worker's process in bytes, files that are mapped included.") {
            figures($0)?.residentBytes
        }
        add(.gauge, "memory_limit_bytes", "Memory that a worker may take in bytes, where there is a limit.") {
            $0.process?.command.memoryLimit.map(Double.init)
        }
        add(.counter, "cpu_seconds_total", "Processor time of a worker's process in seconds.") {
            figures($0)?.processorSeconds
        }
        add(.gauge, "load_seconds", "Seconds from the start of a worker until it was ready.") {
            $0.process?.life.loadSeconds
        }
        add(.gauge, "last_crash_seconds", "When a worker ended by itself, in seconds since 1970; 0: none did.") {
            $0.lastCrash?.report.time.timeIntervalSince1970 ?? 0
        }
    }
}
