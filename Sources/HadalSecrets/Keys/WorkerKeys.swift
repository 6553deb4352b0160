import Crypto
import Foundation
import HadalJSON

/// What a worker gets of the keys: those that open models, and one made for its cached prefixes. What else is encrypted
/// it cannot open.
///
/// They go to it as one line on its standard input. A command line or an environment can be read by others.
public struct WorkerKeys: Sendable {
    public let models: DataKeys
    /// 256 bits for the prefixes that a worker keeps on disk; nil: it keeps them in plain.
    public let prefixes: SymmetricKey?

    /// - Parameter sealsPrefixes: whether conversations are encrypted where they are stored.
    /// - Throws: `.badSettings` where there is no key for conversations.
    public init(_ keys: DataKeys, sealsPrefixes: Bool) throws(SecretsError) {
        models = DataKeys(directory: keys.directory, keys: keys.all.filter { $0.purpose == .models })
        prefixes = sealsPrefixes ? try keys.key(for: .conversations).derive(salt: [], use: "prefix cache") : nil
    }

    /// What `line` gave.
    /// - Throws: `.badSecret`.
    public init(line: String) throws(SecretsError) {
        func wrong(_ problem: String) -> SecretsError { .badSecret(source: "the line of keys", problem: problem) }
        let json: JSON
        do throws(JSONError) { json = try JSON(parsing: Array(line.utf8)) } catch {
            throw wrong("it is no JSON at byte \(error.offset)")
        }
        guard let directory = json["data"]?.string, let list = json["models"]?.array else {
            throw wrong("it has no 'data' or no 'models'")
        }
        var keys: [DataKey] = []
        for entry in list {
            guard let id = entry["id"]?.string.flatMap(DataKeyID.init), let key = Self.key(entry["key"]),
                let created = entry["created"]?.string.flatMap({ try? Date($0, strategy: .iso8601) })
            else { throw wrong("models[\(keys.count)] is not as it must be") }
            keys.append(DataKey(id: id, purpose: .models, created: created, key: key))
        }
        models = DataKeys(directory: directory, keys: keys)
        prefixes = Self.key(json["prefixes"])
        guard prefixes != nil || json["prefixes"] == nil else { throw wrong("'prefixes' is not a key") }
    }

    /// For the worker's standard input, with the line break.
    public var line: String {
        let list = models.all.map { key in
            JSON.object(
                .init([
                    ("id", .string("\(key.id)")), ("created", .string(key.created.ISO8601Format())),
                    ("key", .string(Self.text(key.key))),
                ]))
        }
        var object = JSON.Object([("data", .string(models.directory)), ("models", .array(list))])
        if let prefixes { object["prefixes"] = .string(Self.text(prefixes)) }
        return JSON.object(object).text + "\n"
    }

    private static func text(_ key: SymmetricKey) -> String { Data(key.bytes()).base64EncodedString() }

    private static func key(_ json: JSON?) -> SymmetricKey? {
        guard let bytes = json?.string.flatMap({ Data(base64Encoded: $0) }), bytes.count == 32 else { return nil }
        return SymmetricKey(data: bytes)
    }
}

extension WorkerKeys: CustomStringConvertible, CustomReflectable {
    public var description: String {
        "\(models.all.count) keys for models\(prefixes == nil ? "" : ", one for prefixes")"
    }
    public var customMirror: Mirror { Mirror(self, children: ["models": models.all.map(\.id)]) }
}
