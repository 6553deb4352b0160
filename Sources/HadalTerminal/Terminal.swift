import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A file descriptor a person may be looking at: whether it is a terminal, how large it is, whether it takes colours.
public struct Terminal: Sendable, Equatable {
    /// Columns and rows of character cells.
    public struct Size: Sendable, Equatable {
        public var columns: Int
        public var rows: Int

        public init(columns: Int, rows: Int) {
            self.columns = columns
            self.rows = rows
        }
    }

    public static let standardInput = Terminal(descriptor: 0)
    public static let standardOutput = Terminal(descriptor: 1)
    public static let standardError = Terminal(descriptor: 2)

    public let descriptor: Int32
    private let isDumb: Bool
    private let refusesColour: Bool

    /// - Parameter environment: `TERM`, and `NO_COLOR` (https://no-color.org: any value but the empty one) are read.
    public init(descriptor: Int32, environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.descriptor = descriptor
        isDumb = environment["TERM"].map { $0 == "dumb" || $0.isEmpty } ?? true
        refusesColour = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    }

    public var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Whether the cursor may be moved: a terminal that is not `TERM=dumb` (and not without `TERM`).
    public var movesCursor: Bool { isTerminal && !isDumb }

    /// Whether dimmed and coloured text is wanted.
    public var wantsColour: Bool { movesCursor && !refusesColour }

    /// The size now. 80 by 24 where the descriptor is no terminal or its terminal does not say.
    public var size: Size {
        var window = winsize()
        let known = ioctl(descriptor, UInt(TIOCGWINSZ), &window) == 0
        return Size(
            columns: known && window.ws_col > 0 ? Int(window.ws_col) : 80,
            rows: known && window.ws_row > 0 ? Int(window.ws_row) : 24)
    }

    /// Writes all of a text as UTF-8, waiting where the descriptor does not block.
    /// - Throws: `TerminalError.system` when the other side has gone.
    public func write(_ text: String) throws {
        var text = text
        try text.withUTF8 { bytes in
            var written = 0
            while written < bytes.count {
                let count = systemWrite(descriptor, bytes.baseAddress! + written, bytes.count - written)
                if count >= 0 {
                    written += count
                    continue
                }
                switch errno {
                case EINTR: continue
                case EAGAIN:
                    var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = poll(&wait, 1, -1)
                default: throw TerminalError.system(call: "write", descriptor: descriptor, code: errno)
                }
            }
        }
    }
}

/// Text around which a terminal changes how it looks (ECMA-48 select graphic rendition).
enum Style {
    static func dim(_ text: String) -> String { "\u{1B}[2m" + text + "\u{1B}[22m" }
}

/// The C function, out of reach inside a type that has a `write` of its own.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}

/// What the system says about an `errno`. glibc's `strerror` is safe with threads since 2.32.
func systemMessage(_ code: Int32) -> String { String(cString: strerror(code)) }
