import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A terminal that hands over keys as they are pressed, marks pasted text, and is put back as it was: by `leave`,
/// when the value is released, and when the program exits.
final class RawMode: Sendable {
    private let input: Terminal
    private let output: Terminal
    private let original: termios
    private let isEntered = Mutex(false)

    private static let exitHook: Void = { _ = atexit { RawMode.restoreAll() } }()
    private static let entered = Mutex<[ObjectIdentifier: (input: Terminal, output: Terminal, original: termios)]>([:])

    /// - Throws: `TerminalError.system` if the input is no terminal.
    init(input: Terminal, output: Terminal) throws {
        var settings = termios()
        guard tcgetattr(input.descriptor, &settings) == 0 else {
            throw TerminalError.system(call: "tcgetattr", descriptor: input.descriptor, code: errno)
        }
        self.input = input
        self.output = output
        original = settings
    }

    deinit { leave() }

    func enter() throws {
        _ = Self.exitHook
        try isEntered.withLock { isEntered in
            var settings = original
            settings.c_iflag &= ~tcflag_t(BRKINT | ICRNL | INPCK | ISTRIP | IXON)
            settings.c_lflag &= ~tcflag_t(ECHO | ICANON | IEXTEN | ISIG)
            settings.c_cflag |= tcflag_t(CS8)
            // Output keeps its processing, so that what other threads print still begins its lines at the left.
            withUnsafeMutableBytes(of: &settings.c_cc) { characters in
                characters[Int(VMIN)] = 1
                characters[Int(VTIME)] = 0
            }
            Self.entered.withLock { $0[ObjectIdentifier(self)] = (input, output, original) }
            isEntered = true
            while tcsetattr(input.descriptor, TCSADRAIN, &settings) != 0 {
                guard errno == EINTR else {
                    throw TerminalError.system(call: "tcsetattr", descriptor: input.descriptor, code: errno)
                }
            }
            try output.write("\u{1B}[?2004h")
        }
    }

    func leave() {
        isEntered.withLock { isEntered in
            guard isEntered else { return }
            isEntered = false
            _ = Self.entered.withLock { $0.removeValue(forKey: ObjectIdentifier(self)) }
            Self.restore(input, output, original)
        }
    }

    private static func restoreAll() {
        let all = entered.withLock { entered in
            defer { entered = [:] }
            return Array(entered.values)
        }
        for (input, output, original) in all { restore(input, output, original) }
    }

    private static func restore(_ input: Terminal, _ output: Terminal, _ original: termios) {
        // Without waiting for output, which a vanished reader would never take.
        var original = original
        while tcsetattr(input.descriptor, TCSANOW, &original) != 0, errno == EINTR {}
        try? output.write("\u{1B}[?2004l")
    }
}
