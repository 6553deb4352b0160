import Synchronization

/// So many and no more, taken by several tasks.
final class Countdown: Sendable {
    private let left: Mutex<Int>

    /// - Parameter count: nil: any number.
    init(_ count: Int?) { left = Mutex(count ?? .max) }

    func take() -> Bool {
        left.withLock { left in
            if left == 0 { return false }
            left -= 1
            return true
        }
    }
}
