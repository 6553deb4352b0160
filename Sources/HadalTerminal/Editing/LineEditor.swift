import Dispatch
import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Reads what a person enters: on a terminal with editing, history and several lines, else plain lines.
///
/// - Enter sends. Alt-Enter, a `\` at the end, or a `"""` block make further lines; pasted line feeds stay text.
/// - Arrows, Home/End, Ctrl-A/E/B/F/P/N move; Alt or Ctrl with arrows by words; up and down also through the history.
/// - Backspace, Delete, Ctrl-D, Ctrl-K/U/W and Alt-D/Alt-Backspace remove; Ctrl-Y brings back; Ctrl-L clears the screen.
/// - Ctrl-C clears the input, on an empty one it interrupts; Ctrl-D on an empty one ends; Ctrl-Z suspends the program.
///
/// The terminal is put back as it was after every input, on errors and cancellation, on exit, and before SIGTERM,
/// SIGINT, SIGHUP or SIGQUIT have their effect. Several readers wait for one another.
public final class LineEditor: Sendable {
    private struct State {
        var history: History
        var decoder = KeyDecoder()
        /// Keys and bytes that came behind the end of the last input.
        var keys: [Key] = []
        var line: [UInt8] = []
        var isAtEnd = false
        var hasWarned = false
    }

    /// An ESC not followed by more within this time is the Escape key.
    private static let escapeMilliseconds: Int32 = 50

    private let input: Terminal
    private let output: Terminal
    private let queue = DispatchQueue(label: "hadal.line-editor")
    private let state: Mutex<State>

    /// - Parameter history: used and added to only on a terminal; standard error is told once if it cannot be saved.
    public init(
        input: Terminal = .standardInput, output: Terminal = .standardOutput, history: History = History()
    ) {
        self.input = input
        self.output = output
        state = Mutex(State(history: history))
    }

    /// Whether input is edited; otherwise it is read as plain lines.
    public var isInteractive: Bool { input.isTerminal && output.movesCursor }

    /// Reads one input. The calling thread is not blocked.
    /// - Parameters:
    ///   - prompt: before the first line; plain text. Not shown where nobody types.
    ///   - continuation: before further lines.
    /// - Throws: `TerminalError`; `CancellationError` when the task is cancelled (what was typed is lost).
    public func read(prompt: String = "> ", continuation: String = "… ") async throws -> LineInput {
        let bytes = try InputBytes(input.descriptor)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuationOfTask in
                queue.async {
                    continuationOfTask.resume(
                        with: Result {
                            try self.state.withLock { state in
                                self.isInteractive
                                    ? try self.edit(&state, bytes, prompt: prompt, continuation: continuation)
                                    : try self.readPlain(&state, bytes, prompt: prompt, continuation: continuation)
                            }
                        })
                }
            }
        } onCancel: {
            bytes.ring(.cancelled)
        }
    }

    // MARK: On a terminal

    private func edit(_ state: inout State, _ bytes: InputBytes, prompt: String, continuation: String) throws
        -> LineInput
    {
        let mode = try RawMode(input: input, output: output)
        let output = output
        let watch = SignalWatch([SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGWINCH, SIGCONT]) { number in
            switch number {
            case SIGWINCH: bytes.ring(.resized)
            case SIGCONT: bytes.ring(.resumed)
            default:
                mode.leave()
                try? output.write("\n")
                SignalDispatch.deliver(number)
                // Still alive: the program handles the signal itself. No more input in any case.
                bytes.ring(.terminated)
            }
        }
        defer {
            watch.stop()
            mode.leave()
        }
        try mode.enter()
        var session = LineSession(history: state.history.entries)
        var screen = LineScreen(output: output, prompt: prompt, continuation: continuation)
        try screen.draw(session.buffer)
        while true {
            let result = try handleKeys(&state, &session, &screen, mode)
            if let result {
                if case .text(let text) = result { remember(text, &state) }
                return result
            }
            switch try bytes.next(timeoutMilliseconds: state.decoder.isWaiting ? Self.escapeMilliseconds : -1) {
            case .bytes(let new): state.keys += state.decoder.decode(new)
            case .timeout: state.keys += state.decoder.flush()
            case .rung(.resized): try screen.draw(session.buffer)
            case .rung(.resumed):
                try mode.enter()
                try screen.draw(session.buffer)
            case .rung(.cancelled):
                try screen.leave(session.buffer)
                throw CancellationError()
            case .rung(.terminated): return .endOfInput
            // The window is gone: what was typed was not sent.
            case .end: return .endOfInput
            }
        }
    }

    /// Applies the keys that came and draws once after all of them.
    private func handleKeys(
        _ state: inout State, _ session: inout LineSession, _ screen: inout LineScreen, _ mode: RawMode
    ) throws -> LineInput? {
        guard !state.keys.isEmpty else { return nil }
        for (index, key) in state.keys.enumerated() {
            let before = session.buffer
            switch session.apply(key) {
            case .redraw: break
            case .bell: try screen.bell()
            case .clearScreen: try screen.clear()
            case .suspend:
                try screen.leave(session.buffer)
                mode.leave()
                // Returns when the program has been stopped and continued.
                SignalDispatch.raiseHere(SIGTSTP)
                try mode.enter()
            case .finish(let result):
                state.keys.removeFirst(index + 1)
                try screen.leave(before)
                return result
            }
        }
        state.keys = []
        try screen.draw(session.buffer)
        return nil
    }

    private func remember(_ text: String, _ state: inout State) {
        do {
            try state.history.add(text)
        } catch {
            if !state.hasWarned { try? Terminal.standardError.write("warning: \(error)\n") }
            state.hasWarned = true
        }
    }

    // MARK: Plain lines

    private func readPlain(
        _ state: inout State, _ bytes: InputBytes, prompt: String, continuation: String
    ) throws -> LineInput {
        var session = LineSession()
        let isTyped = input.isTerminal && output.isTerminal
        var prompt = prompt
        while true {
            if isTyped { try output.write(prompt) }
            prompt = continuation
            guard let line = try plainLine(&state, bytes) else { return session.end() }
            guard session.apply(.paste(line)) == .redraw else {
                throw TerminalError.inputTooLong(limitBytes: LineBuffer.byteLimit)
            }
            if case .finish(let result) = session.apply(.enter) { return result }
        }
    }

    /// The next line without its end, or `nil` at the end of the input. Invalid UTF-8 is repaired.
    private func plainLine(_ state: inout State, _ bytes: InputBytes) throws -> String? {
        var searched = 0
        while true {
            if let end = state.line[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                var line = state.line[..<end]
                if line.last == UInt8(ascii: "\r") { line.removeLast() }
                let text = String(decoding: line, as: UTF8.self)
                state.line.removeFirst(end + 1)
                return text
            }
            searched = state.line.count
            guard searched <= LineBuffer.byteLimit else {
                throw TerminalError.inputTooLong(limitBytes: LineBuffer.byteLimit)
            }
            if !state.isAtEnd {
                switch try bytes.next() {
                case .bytes(let new):
                    state.line += new
                    continue
                case .rung(.cancelled): throw CancellationError()
                case .rung, .timeout: continue
                // A person at a terminal may go on after Ctrl-D; a file or pipe may not.
                case .end: state.isAtEnd = !input.isTerminal
                }
            }
            guard !state.line.isEmpty else { return nil }
            defer { state.line = [] }
            return String(decoding: state.line, as: UTF8.self)
        }
    }
}
