import Crypto
import Foundation
import HadalJSON

/// `DATA/audit/keys`: the public keys of a trail, oldest first, a line for each: statement, tab, signature. The first
/// has signed itself, each further one was signed by the one before.
struct KeyHistory: Sendable {
    struct Entry: Sendable {
        var statement: SignedStatement
        var trail: String
        var id: AuditKeyID
        var previous: String
        var publicKey: Curve25519.Signing.PublicKey
    }

    private(set) var entries: [Entry]

    /// Checks each signature. An empty history where there is no file.
    static func read(_ path: String) throws(AuditError) -> KeyHistory {
        var history = KeyHistory(entries: [])
        guard let bytes = try SmallFile.read(path) else { return history }
        guard let text = String(validating: bytes, as: UTF8.self), text.hasSuffix("\n") else {
            throw .badKey(path: path, problem: "the list of public keys was changed or cut off")
        }
        for (index, line) in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard let statement = SignedStatement(line: line), let entry = Entry(statement), history.append(entry)
            else {
                throw .badKey(path: path, problem: "line \(index + 1) is not signed by the key before it")
            }
        }
        return history
    }

    func write(to path: String) throws(AuditError) {
        try SmallFile.write(Array(entries.map { $0.statement.line + "\n" }.joined().utf8), to: path)
    }

    subscript(id: AuditKeyID) -> Entry? { entries.first { $0.id == id } }

    /// - Returns: false where it does not follow on the last one.
    mutating func append(_ entry: Entry) -> Bool {
        let signer = entries.last ?? entry
        guard self[entry.id] == nil, entry.trail == signer.trail,
            entry.previous == (entries.isEmpty ? "" : signer.id.text), entry.statement.isSigned(by: signer.publicKey)
        else { return false }
        entries.append(entry)
        return true
    }
}

extension KeyHistory.Entry {
    init?(_ statement: SignedStatement) {
        guard let json = try? JSON(parsing: statement.text), json["statement"]?.string == "hadal audit key 1",
            let trail = json["trail"]?.string, let previous = json["previous"]?.string,
            let id = json["id"]?.string.flatMap(AuditKeyID.init),
            let bytes = json["public_key"]?.string.flatMap({ Data(base64Encoded: $0) }),
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes), AuditKeyID(key) == id
        else { return nil }
        self.init(statement: statement, trail: trail, id: id, previous: previous, publicKey: key)
    }

    /// - Parameter signer: nil: the first key of a trail, which signs itself.
    static func make(
        _ key: Curve25519.Signing.PrivateKey, trail: String, signer: SigningKey?, time: Int64, path: String
    ) throws(AuditError) -> Self {
        let id = AuditKeyID(key.publicKey)
        var writer = CanonicalWriter()
        writer.member("created", JSON.int(time))
        writer.member("id", id.text)
        writer.member("previous", signer?.id.text ?? "")
        writer.member("public_key", Array(key.publicKey.rawRepresentation).base64)
        writer.member("statement", "hadal audit key 1")
        writer.member("trail", trail)
        let statement = try SignedStatement(writer.finish(), by: signer?.key ?? key, path: path)
        return Self(
            statement: statement, trail: trail, id: id, previous: signer?.id.text ?? "", publicKey: key.publicKey)
    }
}
