import HadalTerminal
import Synchronization

/// Shows how far models are that workers load.
final class LoadingBars: Sendable {
    private let bars = Mutex<[String: ProgressBar]>([:])

    /// - Parameter fraction: 0 to 1.
    @Sendable func update(_ model: String, _ fraction: Double) {
        let bar = bars.withLock { bars in
            let bar = bars[model] ?? ProgressBar("loading \(model)")
            bars[model] = fraction < 1 ? bar : nil
            return bar
        }
        bar.update(fraction)
        if fraction >= 1 { bar.finish() }
    }
}
