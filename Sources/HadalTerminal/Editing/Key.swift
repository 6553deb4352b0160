/// What a person did on the keyboard, whatever bytes their terminal made of it.
public enum Key: Sendable, Equatable {
    /// Typed text: one code point, or several that arrived at once.
    case text(String)
    /// Pasted text (bracketed paste): its line feeds do not send it.
    case paste(String)
    case enter
    /// Alt-Enter or Shift-Enter: a new line without sending.
    case newline
    case tab
    case escape
    case backspace, delete
    case left, right, up, down
    case home, end
    case wordLeft, wordRight
    case deleteWordLeft, deleteWordRight
    /// Ctrl with a letter that has no name above, as in `.control("k")`.
    case control(Character)
}
