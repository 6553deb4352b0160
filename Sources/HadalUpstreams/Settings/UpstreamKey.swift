import Foundation

/// What an upstream is shown to be let in. It is never printed: its description, and that of all that holds it, hides
/// it.
public struct UpstreamKey: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    let text: String

    init(_ text: String) { self.text = text }

    public var description: String { "(hidden)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Where a key is kept.
public enum UpstreamKeyPlace: Sendable, Hashable {
    /// A file's first line.
    case file(String)
    /// A variable of the environment.
    case environment(String)

    private static let bytesLimit = 16 << 10

    /// - Throws: `UpstreamError.key` with the place, never with what is there.
    public func read(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(UpstreamError) -> UpstreamKey {
        let text: String
        switch self {
        case .environment(let name):
            guard let value = environment[name] else {
                throw .key("the environment has no variable \(name); set it before the server starts")
            }
            text = value
        case .file(let path):
            guard let handle = FileHandle(forReadingAtPath: path) else {
                throw .key("\(path) cannot be read; it should hold the key in its first line")
            }
            defer { try? handle.close() }
            guard let data = try? handle.read(upToCount: Self.bytesLimit + 1), data.count <= Self.bytesLimit else {
                throw .key("\(path) cannot be read, or has more than \(Self.bytesLimit) bytes")
            }
            text = String(decoding: data, as: UTF8.self)
        }
        let line = text.split(whereSeparator: \.isNewline).first?.trimmingCharacters(in: .whitespaces) ?? ""
        guard !line.isEmpty, line.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .key("\(self) holds no key: one line of visible ASCII characters is expected")
        }
        return UpstreamKey(line)
    }
}

extension UpstreamKeyPlace: CustomStringConvertible {
    public var description: String {
        switch self {
        case .file(let path): path
        case .environment(let name): "the variable \(name)"
        }
    }
}
