import HadalStore
import HadalTerminal
import Synchronization

/// A progress bar over bytes, of which the first report says how many there are and how many were there before.
final class ByteBar: Sendable {
    private let label: String
    private let bar = Mutex<ProgressBar?>(nil)

    init(_ label: String) { self.label = label }

    @Sendable func update(done: Int64, total: Int64) {
        let fraction = total > 0 ? Double(done) / Double(total) : 1
        let bar = bar.withLock { held in
            let bar =
                held
                ?? ProgressBar(
                    "\(label) \(ByteCount.text(total))", startingAt: fraction,
                    rate: { ByteCount.text(Int64($0 * Double(total))) + "/s" })
            held = bar
            return bar
        }
        bar.update(fraction)
    }

    func finish() { bar.withLock { $0?.finish() } }
}
