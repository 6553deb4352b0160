import Crypto
import Foundation

/// Bytes that must not be seen: a passphrase, a PIN, a token, a key on its way. They are overwritten when nobody holds
/// them any more (SymmetricKey's storage does that), and printing or dumping shows that something is there, not what.
public struct Secret: Sendable {
    private let storage: SymmetricKey

    public init(_ bytes: some Collection<UInt8>) { storage = SymmetricKey(data: Array(bytes)) }

    public init(_ text: String) { self.init(text.utf8) }

    public var count: Int { storage.bitCount / 8 }

    /// A copy that is not overwritten: only for handing it on at once.
    func bytes() -> [UInt8] { storage.withUnsafeBytes { Array($0) } }

    /// As text, for a header or a terminal's answer; nil where it is not UTF-8.
    public func text() -> String? { String(validating: bytes(), as: UTF8.self) }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "‹hidden›" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension Secret: Equatable {
    /// In a time that does not depend on the bytes.
    public static func == (left: Secret, right: Secret) -> Bool { left.storage == right.storage }
}

extension SymmetricKey {
    func bytes() -> [UInt8] { withUnsafeBytes { Array($0) } }
}
