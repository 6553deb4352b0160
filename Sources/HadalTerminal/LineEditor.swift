import Foundation

/// Reads what a person types: several lines, with editing and history. Where standard input is no terminal, plain lines.
///
/// Alt-Enter, Ctrl-J or a backslash at the end begin a new line; pasted line breaks stay in the text.
public final class LineEditor {
    public enum Input: Sendable, Hashable {
        case text(String)
        /// Ctrl-C on an empty line.
        case interrupted
        case endOfInput
    }

    private var history: History
    private let prompt: String
    private var decoder = KeyDecoder()
    private var pending: [Key] = []
    /// The row of the cursor below the prompt's row, as last drawn.
    private var drawnCursorRow = 0

    public init(prompt: String, historyFile: URL?) {
        self.prompt = prompt
        history = History(file: historyFile)
    }

    public func read() -> Input {
        guard Terminal.isTerminal(STDIN_FILENO), Terminal.isTerminal(STDOUT_FILENO) else {
            return readLine().map(Input.text) ?? .endOfInput
        }
        var original = termios()
        guard tcgetattr(STDIN_FILENO, &original) == 0 else { return readLine().map(Input.text) ?? .endOfInput }
        var raw = original
        cfmakeraw(&raw)
        raw.c_oflag |= tcflag_t(OPOST)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &raw)
        Terminal.write("\u{1B}[?2004h", to: STDOUT_FILENO)
        defer {
            Terminal.write("\u{1B}[?2004l", to: STDOUT_FILENO)
            tcsetattr(STDIN_FILENO, TCSADRAIN, &original)
        }
        return edit()
    }

    private func edit() -> Input {
        var buffer = LineBuffer()
        var place = history.entries.count
        var unsent = ""
        drawnCursorRow = 0
        draw(buffer)
        while let key = nextKey() {
            switch key {
            case .text(let text), .paste(let text): buffer.insert(text)
            case .tab: buffer.insert("    ")
            case .newline: buffer.insert("\n")
            case .enter:
                if buffer.cursor == buffer.characters.count, buffer.characters.last == "\\" {
                    buffer.deleteBackward()
                    buffer.insert("\n")
                } else {
                    finishLine(buffer)
                    history.add(buffer.text)
                    return .text(buffer.text)
                }
            case .backspace: buffer.deleteBackward()
            case .delete: buffer.deleteForward()
            case .left: buffer.move(by: -1)
            case .right: buffer.move(by: 1)
            case .home: buffer.moveToLineStart()
            case .end: buffer.moveToLineEnd()
            case .wordLeft: buffer.moveWordLeft()
            case .wordRight: buffer.moveWordRight()
            case .deleteWord: buffer.deleteWordBackward()
            case .deleteToEnd: buffer.deleteToLineEnd()
            case .deleteToStart: buffer.deleteToLineStart()
            case .up, .down:
                let next = place + (key == .up ? -1 : 1)
                guard (0...history.entries.count).contains(next) else { break }
                if place == history.entries.count { unsent = buffer.text }
                place = next
                buffer = LineBuffer(place == history.entries.count ? unsent : history.entries[place])
            case .clearScreen:
                Terminal.write("\u{1B}[2J\u{1B}[H", to: STDOUT_FILENO)
                drawnCursorRow = 0
            case .interrupt:
                finishLine(buffer)
                if buffer.isEmpty { return .interrupted }
                buffer = LineBuffer()
                drawnCursorRow = 0
            case .endOfInput:
                if buffer.isEmpty {
                    finishLine(buffer)
                    return .endOfInput
                }
                buffer.deleteForward()
            }
            draw(buffer)
        }
        return .endOfInput
    }

    private func nextKey() -> Key? {
        while pending.isEmpty {
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = Glibc.read(STDIN_FILENO, &bytes, bytes.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            pending = decoder.feed(bytes[..<count])
        }
        return pending.removeFirst()
    }

    private func draw(_ buffer: LineBuffer) {
        let width = Terminal.width()
        var output = drawnCursorRow > 0 ? "\u{1B}[\(drawnCursorRow)A" : ""
        output += "\r\u{1B}[J"
        var position = Position(row: 0, column: 0)
        var cursor = Position(row: 0, column: 0)
        func put(_ text: String) {
            for character in text {
                if character == "\n" {
                    position = Position(row: position.row + 1, column: 0)
                    output += "\r\n"
                    continue
                }
                let columns = String(character).columns
                if position.column + columns > width {
                    position = Position(row: position.row + 1, column: 0)
                    output += "\r\n"
                }
                position.column += columns
                output += String(character)
            }
        }
        put(prompt)
        cursor = position
        for (index, character) in buffer.characters.enumerated() {
            if index == buffer.cursor { cursor = position }
            put(character == "\n" ? "\n  " : String(character))
        }
        if buffer.cursor == buffer.characters.count { cursor = position }
        if position.row > cursor.row { output += "\u{1B}[\(position.row - cursor.row)A" }
        output += "\r" + (cursor.column > 0 ? "\u{1B}[\(cursor.column)C" : "")
        drawnCursorRow = cursor.row
        Terminal.write(output, to: STDOUT_FILENO)
    }

    private struct Position {
        var row: Int
        var column: Int
    }

    /// Leaves the cursor below the text.
    private func finishLine(_ buffer: LineBuffer) {
        var end = buffer
        end.move(by: buffer.characters.count)
        draw(end)
        Terminal.write("\r\n", to: STDOUT_FILENO)
        drawnCursorRow = 0
    }
}
