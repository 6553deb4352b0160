/// One input being edited: what each key does to the text, to the place in the history, and when the input is done.
/// A pure value: keys in, actions out.
public struct LineSession: Sendable {
    /// What the terminal has to do after a key.
    public enum Action: Sendable, Equatable {
        case redraw
        /// Nothing could be done.
        case bell
        case clearScreen
        /// Ctrl-Z.
        case suspend
        case finish(LineInput)
    }

    public private(set) var buffer = LineBuffer()
    private let history: [String]
    /// Where in the history the person is; `history.count` is the input being written.
    private var position: Int
    /// What was written before going back in the history.
    private var draft = ""
    /// The column that moves up and down keep to.
    private var column: Int?
    /// What Ctrl-K, Ctrl-U and Ctrl-W removed last, for Ctrl-Y.
    private var removed = ""

    private static let blockMark = "\"\"\""

    /// - Parameter history: oldest first.
    public init(history: [String] = []) {
        self.history = history
        position = history.count
    }

    public mutating func apply(_ key: Key) -> Action {
        switch key {
        case .up, .down, .control("p"), .control("n"): break
        default: column = nil
        }
        switch key {
        case .text(let text), .paste(let text): return done(buffer.insert(text))
        case .tab: return done(buffer.insert("\t"))
        case .newline: return done(buffer.insert("\n"))
        case .enter: return enter()
        case .backspace, .control("h"): return done(buffer.deleteBackward())
        case .delete: return done(buffer.deleteForward())
        case .left, .control("b"): return done(buffer.moveLeft())
        case .right, .control("f"): return done(buffer.moveRight())
        case .wordLeft: return done(buffer.moveWordLeft())
        case .wordRight: return done(buffer.moveWordRight())
        case .home, .control("a"):
            buffer.moveToLineStart()
            return .redraw
        case .end, .control("e"):
            buffer.moveToLineEnd()
            return .redraw
        case .up, .control("p"): return up()
        case .down, .control("n"): return down()
        case .deleteWordLeft: return remember(buffer.deleteWordLeft())
        case .deleteWordRight: return remember(buffer.deleteWordRight())
        case .control("w"): return remember(buffer.deleteBlankWordLeft())
        case .control("u"): return remember(buffer.deleteToLineStart())
        case .control("k"): return remember(buffer.deleteToLineEnd())
        case .control("y"): return done(buffer.insert(removed))
        case .control("l"): return .clearScreen
        case .control("z"): return .suspend
        case .control("d"): return buffer.isEmpty ? .finish(.endOfInput) : done(buffer.deleteForward())
        case .control("c"):
            if buffer.isEmpty { return .finish(.interrupted) }
            buffer.clear()
            position = history.count
            draft = ""
            return .redraw
        case .escape, .control: return .redraw
        }
    }

    /// The end of the input was reached (a file, a pipe, a closed window): what is there counts.
    public mutating func end() -> LineInput {
        buffer.isEmpty ? .endOfInput : .text(Self.content(buffer.text))
    }

    /// The input as sent: of a `"""` block only what is inside.
    private static func content(_ text: String) -> String {
        let trimmed = trimming(text)
        guard trimmed.hasPrefix(blockMark) else { return text }
        var inside = trimmed.dropFirst(blockMark.count)
        if isClosedBlock(trimmed) { inside = inside.dropLast(blockMark.count) }
        if inside.first == "\n" { inside = inside.dropFirst() }
        if inside.last == "\n" { inside = inside.dropLast() }
        return String(inside)
    }

    private mutating func enter() -> Action {
        let text = buffer.text
        let trimmed = Self.trimming(text)
        if trimmed.hasPrefix(Self.blockMark) {
            return Self.isClosedBlock(trimmed) ? .finish(.text(Self.content(text))) : done(buffer.insert("\n"))
        }
        if buffer.after.isEmpty, buffer.before.last == "\\" {
            buffer.deleteBackward()
            return done(buffer.insert("\n"))
        }
        return .finish(.text(text))
    }

    private static func isClosedBlock(_ trimmed: Substring) -> Bool {
        trimmed.hasSuffix(blockMark) && trimmed.count >= 2 * blockMark.count
    }

    private static func trimming(_ text: String) -> Substring {
        var rest = text.drop { $0.isWhitespace }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }

    private mutating func up() -> Action {
        if column == nil { column = buffer.column }
        if buffer.moveUp(column: column) { return .redraw }
        guard position > 0 else { return .bell }
        return show(position - 1)
    }

    private mutating func down() -> Action {
        if column == nil { column = buffer.column }
        if buffer.moveDown(column: column) { return .redraw }
        guard position < history.count else { return .bell }
        return show(position + 1)
    }

    private mutating func show(_ next: Int) -> Action {
        if position == history.count { draft = buffer.text }
        position = next
        column = nil
        buffer = LineBuffer(position == history.count ? draft : history[position])
        return .redraw
    }

    private mutating func remember(_ text: String) -> Action {
        guard !text.isEmpty else { return .bell }
        removed = text
        return .redraw
    }

    private func done(_ succeeded: Bool) -> Action { succeeded ? .redraw : .bell }
}

/// What a person entered.
public enum LineInput: Sendable, Equatable {
    /// May be empty and may have several lines.
    case text(String)
    /// Ctrl-C on an empty line.
    case interrupted
    /// Ctrl-D on an empty line, the end of a file or pipe, or a signal that ends the program.
    case endOfInput
}
