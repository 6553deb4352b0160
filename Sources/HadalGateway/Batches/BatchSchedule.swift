import Foundation
import HadalRouting
import Synchronization

/// When batches may be begun.
final class BatchSchedule: Sendable {
    private let state: Mutex<[TimeWindow]>

    /// - Parameter windows: empty: always.
    init(_ windows: [TimeWindow] = []) { state = Mutex(windows) }

    var windows: [TimeWindow] {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }

    func isOpen(at time: Date = Date()) -> Bool {
        let windows = windows
        return windows.isEmpty || windows.contains { $0.contains(time) }
    }
}
