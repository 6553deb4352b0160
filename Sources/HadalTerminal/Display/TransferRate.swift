/// Bytes per second over the last seconds, and since the start.
package struct TransferRate: Sendable {
    private struct Sample {
        var bytes: Int64
        var time: Duration
    }

    /// Long enough to calm the figure, short enough to follow a stalling network.
    private static let window = Duration.seconds(5)
    private static let sampleInterval = Duration.milliseconds(100)

    private var first: Sample?
    private var samples: [Sample] = []

    package init() {}

    /// Takes the count reached at a moment; moments must not go backwards.
    package mutating func add(bytes: Int64, at time: Duration) {
        let sample = Sample(bytes: bytes, time: time)
        if first == nil { first = sample }
        // Reports that come thick replace one another, so that the list stays short.
        if samples.count >= 2, time - samples[samples.count - 2].time < Self.sampleInterval {
            samples[samples.count - 1] = sample
        } else {
            samples.append(sample)
        }
        while samples.count > 2, time - samples[1].time >= Self.window { samples.removeFirst() }
    }

    /// `nil` until some time has passed.
    package var recent: Double? { samples.first.flatMap(rate) }
    package var average: Double? { first.flatMap(rate) }

    private func rate(since start: Sample) -> Double? {
        guard let last = samples.last, last.time > start.time else { return nil }
        return Double(max(0, last.bytes - start.bytes)) / ((last.time - start.time) / .seconds(1))
    }
}
