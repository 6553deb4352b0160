import Synchronization

/// The socket of the worker that is asked: that of the next one after a replacement, while the old one still drains.
final class CurrentSocket: Sendable {
    private let path: Mutex<String>

    init(_ path: String) { self.path = Mutex(path) }

    var now: String {
        get { path.withLock { $0 } }
        set { path.withLock { $0 = newValue } }
    }
}
