/// Text under edit with a cursor between characters. Values in, values out: no terminal here.
public struct LineBuffer: Sendable, Hashable {
    public private(set) var characters: [Character] = []
    /// 0…count.
    public private(set) var cursor = 0

    public init(_ text: String = "") {
        characters = Array(text)
        cursor = characters.count
    }

    public var text: String { String(characters) }
    public var isEmpty: Bool { characters.isEmpty }

    public mutating func insert(_ text: String) {
        let new = Array(text)
        characters.insert(contentsOf: new, at: cursor)
        cursor += new.count
        // A combining mark may have joined the character before it.
        let rejoined = Array(String(characters))
        if rejoined.count != characters.count {
            cursor = String(characters[..<cursor]).count
            characters = rejoined
        }
    }

    public mutating func deleteBackward() {
        guard cursor > 0 else { return }
        cursor -= 1
        characters.remove(at: cursor)
    }

    public mutating func deleteForward() {
        guard cursor < characters.count else { return }
        characters.remove(at: cursor)
    }

    public mutating func move(by count: Int) { cursor = min(max(cursor + count, 0), characters.count) }

    public mutating func moveToLineStart() {
        while cursor > 0, characters[cursor - 1] != "\n" { cursor -= 1 }
    }

    public mutating func moveToLineEnd() {
        while cursor < characters.count, characters[cursor] != "\n" { cursor += 1 }
    }

    public mutating func moveWordLeft() {
        while cursor > 0, !characters[cursor - 1].isWord { cursor -= 1 }
        while cursor > 0, characters[cursor - 1].isWord { cursor -= 1 }
    }

    public mutating func moveWordRight() {
        while cursor < characters.count, !characters[cursor].isWord { cursor += 1 }
        while cursor < characters.count, characters[cursor].isWord { cursor += 1 }
    }

    public mutating func deleteWordBackward() {
        let end = cursor
        moveWordLeft()
        characters.removeSubrange(cursor..<end)
    }

    public mutating func deleteToLineEnd() {
        let start = cursor
        moveToLineEnd()
        characters.removeSubrange(start..<cursor)
        cursor = start
    }

    public mutating func deleteToLineStart() {
        let end = cursor
        moveToLineStart()
        characters.removeSubrange(cursor..<end)
    }
}

extension Character {
    fileprivate var isWord: Bool { isLetter || isNumber || self == "_" }
}
