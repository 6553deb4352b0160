import Crypto
import Foundation
import HadalJSON

/// The master keys, encrypted, as they lie in `DATA/master.key`: one JSON object.
///
/// Two sums tell a wrong passphrase from a damaged file: `sha256` over all other members needs no key; `mac`
/// (HMAC-SHA256 over the same bytes) needs the passphrase. The first is wrong in a damaged file, only the second with a
/// wrong passphrase.
struct MasterKeyFile: Sendable {
    struct Entry: Sendable {
        var version: Int
        var created: String
        var sealed: [UInt8]
    }

    private static let format = "hadal master keys"
    private static let sizeLimit = 1 << 20

    let path: String
    var cost: ScryptCost
    var salt: [UInt8]
    var entries: [Entry]

    /// Members without the sums, in the order in which they are summed.
    private var body: JSON.Object {
        JSON.Object([
            ("format", .string(Self.format)), ("version", 1),
            (
                "scrypt",
                .object(
                    .init([
                        ("n", .int(Int64(cost.n))), ("r", .int(Int64(cost.r))), ("p", .int(Int64(cost.p))),
                        ("salt", .string(Data(salt).base64EncodedString())),
                    ]))
            ),
            (
                "keys",
                .array(
                    entries.map { entry in
                        .object(
                            .init([
                                ("version", .int(Int64(entry.version))), ("created", .string(entry.created)),
                                ("sealed", .string(Data(entry.sealed).base64EncodedString())),
                            ]))
                    })
            ),
        ])
    }

    /// What the sums are over.
    var bytes: [UInt8] { JSON.object(body).bytes }

    /// - Parameter key: derived from the passphrase (`PassphraseKey.authentication`).
    func write(authenticatedBy key: SymmetricKey, replacing: Bool) throws(SecretsError) {
        var object = body
        let bytes = bytes
        object["sha256"] = .string(Data(SHA256.hash(data: bytes)).base64EncodedString())
        object["mac"] = .string(
            Data(HMAC<SHA256>.authenticationCode(for: bytes, using: key)).base64EncodedString())
        try NewFile.write(JSON.object(object).bytes + [UInt8(ascii: "\n")], to: path, replacing: replacing)
    }

    /// Reads and checks all that can be checked without the passphrase.
    /// - Returns: the file, and what `mac` is to be compared with.
    static func read(_ path: String) throws(SecretsError) -> (file: MasterKeyFile, mac: Data, body: [UInt8]) {
        let json = try JSON(stateFile: path, limit: sizeLimit)
        guard json["format"]?.string == format else {
            throw .unsupported(path: path, problem: "not a file of Hadal's master keys")
        }
        guard json["version"]?.int == 1 else {
            throw .unsupported(path: path, problem: "written by a later version of Hadal; use that one")
        }
        guard var object = json.object, let sum = data(object["sha256"]), let mac = data(object["mac"]) else {
            throw .damaged(path: path, part: "its sums", offset: 0)
        }
        object["sha256"] = nil
        object["mac"] = nil
        let body = JSON.object(object).bytes
        guard sum.elementsEqual(SHA256.hash(data: body)) else {
            throw .damaged(path: path, part: "sha256 does not match", offset: 0)
        }
        return (try MasterKeyFile(object, path: path), mac, body)
    }

    init(path: String, cost: ScryptCost, salt: [UInt8], entries: [Entry]) {
        self.path = path
        self.cost = cost
        self.salt = salt
        self.entries = entries
    }

    private init(_ object: JSON.Object, path: String) throws(SecretsError) {
        guard let scrypt = object["scrypt"], let n = scrypt["n"]?.int, let r = scrypt["r"]?.int,
            let p = scrypt["p"]?.int, let salt = Self.data(scrypt["salt"]), (16...64).contains(salt.count),
            let keys = object["keys"]?.array, !keys.isEmpty
        else { throw .unsupported(path: path, problem: "members are missing") }
        let cost = ScryptCost(n: n, r: r, p: p)
        guard cost.isAcceptable else {
            throw .unsupported(path: path, problem: "scrypt with n=\(n), r=\(r), p=\(p) is out of bounds")
        }
        var entries: [Entry] = []
        for key in keys {
            guard let version = key["version"]?.int, version == entries.count + 1,
                let created = key["created"]?.string, let sealed = Self.data(key["sealed"])
            else { throw .unsupported(path: path, problem: "master key \(entries.count + 1) is not as it must be") }
            entries.append(Entry(version: version, created: created, sealed: [UInt8](sealed)))
        }
        self.init(path: path, cost: cost, salt: [UInt8](salt), entries: entries)
    }

    /// Base64 in its one right form, so that no bit of the file may differ.
    private static func data(_ json: JSON?) -> Data? {
        guard let text = json?.string, let data = Data(base64Encoded: text), data.base64EncodedString() == text else {
            return nil
        }
        return data
    }
}
