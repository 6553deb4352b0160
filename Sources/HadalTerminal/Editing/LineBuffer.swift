/// Text being edited, of one or more lines, and a cursor between two of its characters. A pure value: no terminal.
///
/// Characters are what people see as one (grapheme clusters): a Chinese character, an emoji family, a letter with its
/// accents. Words are runs of letters, digits and `_`; Chinese counts as letters.
public struct LineBuffer: Sendable, Equatable {
    /// The most bytes of UTF-8 a buffer holds.
    public static let byteLimit = 1 << 20

    /// The text up to the cursor, and from it on.
    public private(set) var before: String
    public private(set) var after: String

    public var text: String { before + after }
    public var isEmpty: Bool { before.isEmpty && after.isEmpty }

    /// A buffer with the cursor at the end of a text (cleaned and cut to the limit as by `insert`).
    public init(_ text: String = "") {
        before = ""
        after = ""
        if !insert(text) { before = "" }
    }

    // MARK: Edits

    /// Inserts at the cursor. CR LF and CR become LF; other controls but tab go.
    /// - Returns: `false`, with nothing changed, if the buffer would pass its limit.
    @discardableResult
    public mutating func insert(_ text: String) -> Bool {
        guard text.utf8.count <= Self.byteLimit else { return false }
        let text = Self.cleaned(text)
        guard before.utf8.count + after.utf8.count + text.utf8.count <= Self.byteLimit else { return false }
        before += text
        settle()
        return true
    }

    /// Removes the character before the cursor.
    /// - Returns: whether there was one.
    @discardableResult
    public mutating func deleteBackward() -> Bool {
        guard !before.isEmpty else { return false }
        before.removeLast()
        settle()
        return true
    }

    /// Removes the character after the cursor.
    /// - Returns: whether there was one.
    @discardableResult
    public mutating func deleteForward() -> Bool {
        guard !after.isEmpty else { return false }
        after.removeFirst()
        settle()
        return true
    }

    /// Removes up to the beginning of the word, with what lies between word and cursor, and returns it.
    @discardableResult
    public mutating func deleteWordLeft() -> String { removeBefore(from: wordStart) }

    /// Removes up to the end of the word after the cursor and returns it.
    @discardableResult
    public mutating func deleteWordRight() -> String { removeAfter(to: wordEnd) }

    /// Removes and returns the blank-delimited word before the cursor, as a shell's Ctrl-W.
    @discardableResult
    public mutating func deleteBlankWordLeft() -> String {
        var index = before.endIndex
        while index > before.startIndex, before[before.index(before: index)].isWhitespace {
            index = before.index(before: index)
        }
        while index > before.startIndex, !before[before.index(before: index)].isWhitespace {
            index = before.index(before: index)
        }
        return removeBefore(from: index)
    }

    /// Removes and returns what lies between the line's beginning and the cursor; at the beginning, the line feed
    /// before it.
    @discardableResult
    public mutating func deleteToLineStart() -> String {
        let start = lineStart
        return removeBefore(
            from: start == before.endIndex && start > before.startIndex ? before.index(before: start) : start)
    }

    /// Removes and returns what lies between the cursor and the line's end; at the end, the line feed after it.
    @discardableResult
    public mutating func deleteToLineEnd() -> String {
        let end = lineEnd
        return removeAfter(to: end == after.startIndex && end < after.endIndex ? after.index(after: end) : end)
    }

    public mutating func clear() {
        before = ""
        after = ""
    }

    // MARK: Moves. Each returns whether the cursor moved.

    @discardableResult
    public mutating func moveLeft() -> Bool {
        guard let character = before.popLast() else { return false }
        after = String(character) + after
        return true
    }

    @discardableResult
    public mutating func moveRight() -> Bool {
        guard let character = after.first else { return false }
        after.removeFirst()
        before.append(character)
        return true
    }

    @discardableResult
    public mutating func moveWordLeft() -> Bool { moveBack(to: wordStart) }

    @discardableResult
    public mutating func moveWordRight() -> Bool { moveForward(to: wordEnd) }

    @discardableResult
    public mutating func moveToLineStart() -> Bool { moveBack(to: lineStart) }

    @discardableResult
    public mutating func moveToLineEnd() -> Bool { moveForward(to: lineEnd) }

    @discardableResult
    public mutating func moveToStart() -> Bool { moveBack(to: before.startIndex) }

    @discardableResult
    public mutating func moveToEnd() -> Bool { moveForward(to: after.endIndex) }

    /// The cell the cursor stands in, counted from the beginning of its line.
    public var column: Int { before[lineStart...].displayWidth }

    /// Moves to the line above, as near as possible to a column.
    public mutating func moveUp(column: Int? = nil) -> Bool {
        let column = column ?? self.column
        guard lineStart > before.startIndex else { return false }
        moveToLineStart()
        moveLeft()
        moveToLineStart()
        advance(toColumn: column)
        return true
    }

    /// Moves to the line below, as near as possible to a column.
    public mutating func moveDown(column: Int? = nil) -> Bool {
        let column = column ?? self.column
        guard lineEnd < after.endIndex else { return false }
        moveToLineEnd()
        moveRight()
        advance(toColumn: column)
        return true
    }

    // MARK: -

    private mutating func advance(toColumn column: Int) {
        var index = after.startIndex
        var reached = 0
        while index < after.endIndex, after[index] != "\n" {
            reached += after[index].displayWidth
            if reached > column { break }
            index = after.index(after: index)
        }
        moveForward(to: index)
    }

    /// In `before`.
    private var lineStart: String.Index {
        before.lastIndex(of: "\n").map { before.index(after: $0) } ?? before.startIndex
    }

    /// In `after`.
    private var lineEnd: String.Index { after.firstIndex(of: "\n") ?? after.endIndex }

    /// In `before`: where the word begins that the cursor stands in or behind.
    private var wordStart: String.Index {
        var index = before.endIndex
        while index > before.startIndex, !Self.isWord(before[before.index(before: index)]) {
            index = before.index(before: index)
        }
        while index > before.startIndex, Self.isWord(before[before.index(before: index)]) {
            index = before.index(before: index)
        }
        return index
    }

    /// In `after`: where the word ends that the cursor stands in or before.
    private var wordEnd: String.Index {
        var index = after.startIndex
        while index < after.endIndex, !Self.isWord(after[index]) { index = after.index(after: index) }
        while index < after.endIndex, Self.isWord(after[index]) { index = after.index(after: index) }
        return index
    }

    private static func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }

    private mutating func removeBefore(from index: String.Index) -> String {
        let removed = String(before[index...])
        before.removeSubrange(index...)
        settle()
        return removed
    }

    private mutating func removeAfter(to index: String.Index) -> String {
        let removed = String(after[..<index])
        after.removeSubrange(..<index)
        settle()
        return removed
    }

    @discardableResult
    private mutating func moveBack(to index: String.Index) -> Bool {
        guard index < before.endIndex else { return false }
        after = before[index...] + after
        before.removeSubrange(index...)
        return true
    }

    @discardableResult
    private mutating func moveForward(to index: String.Index) -> Bool {
        guard index > after.startIndex else { return false }
        before += after[..<index]
        after.removeSubrange(..<index)
        return true
    }

    /// After an edit two code points may have met that form one character (a letter and an accent after it): the
    /// cursor then moves behind that character, so that it never stands inside one.
    private mutating func settle() {
        guard let last = before.unicodeScalars.last, let next = after.unicodeScalars.first else { return }
        if last.isASCII, next.isASCII { return }
        // A line feed is always a boundary, so the line is enough to look at.
        let line = String(before[lineStart...])
        let joined = line + after[..<lineEnd]
        let cursor = line.utf8.count
        var reached = 0
        for character in joined {
            reached += character.utf8.count
            if reached == cursor { return }
            if reached > cursor { break }
        }
        let index = after.utf8.index(after.startIndex, offsetBy: reached - cursor)
        before += after[..<index]
        after = String(after[index...])
    }

    private static func cleaned(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }) else {
            return text
        }
        var scalars = String.UnicodeScalarView()
        var afterReturn = false
        for scalar in text.unicodeScalars {
            if scalar == "\r" || scalar == "\n" && !afterReturn {
                scalars.append("\n")
            } else if scalar != "\n" {
                scalars.append(scalar)
            }
            afterReturn = scalar == "\r"
        }
        return ControlFilter.clean(String(scalars))
    }
}
