/// What can go wrong between the program and the terminal.
public enum TerminalError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A system call on a file descriptor failed.
    case system(call: String, descriptor: Int32, code: Int32)
    /// A line or block of input is longer than the editor takes.
    case inputTooLong(limitBytes: Int)
    /// The history file could not be written. Nothing was lost but the history of this session.
    case historyNotSaved(path: String, call: String, code: Int32)

    public var description: String {
        switch self {
        case .system(let call, let descriptor, let code):
            "\(call) failed on file descriptor \(descriptor): \(systemMessage(code))"
        case .inputTooLong(let limitBytes):
            "the input is longer than \(limitBytes) bytes"
        case .historyNotSaved(let path, let call, let code):
            "the history could not be saved in \(path): \(call): \(systemMessage(code))"
        }
    }
}
