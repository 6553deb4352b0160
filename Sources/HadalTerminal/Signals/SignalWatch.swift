import Synchronization

/// Hears signals while it lives, instead of what they would do otherwise; afterwards all is as before.
///
/// A signal the program was told to ignore from outside (`nohup`, a shell's background job) stays ignored.
final class SignalWatch: Sendable {
    private let tokens: Mutex<[(signal: Int32, token: Int)]>

    /// `handle` is called on a queue, one signal after another, not inside a signal handler: it may do anything but
    /// `stop` the watch.
    init(_ signals: [Int32], handle: @escaping @Sendable (Int32) -> Void) {
        tokens = Mutex(
            signals.compactMap { number in
                SignalDispatch.hear(number) { handle(number) }.map { (number, $0) }
            })
    }

    deinit { stop() }

    /// Ends the watch and gives the signals back their former effect. Signals that came before have been handled when
    /// this returns.
    func stop() {
        let tokens = tokens.withLock { tokens in
            defer { tokens = [] }
            return tokens
        }
        for (number, token) in tokens { SignalDispatch.endHearing(number, token) }
    }
}
