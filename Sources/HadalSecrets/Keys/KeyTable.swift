import Foundation
import HadalJSON

/// `DATA/keys.json`: all data keys, wrapped by the key service. Worth nothing without the service, so it may be copied
/// and backed up like the data.
///
/// Files name a data key and hold nothing that the master key has to do with. So a rotation replaces this one file, in
/// one step, and no file of data is touched.
struct KeyTable: Sendable {
    struct Entry: Sendable {
        var id: DataKeyID
        var purpose: DataPurpose
        var created: Date
        var wrapped: WrappedKey
    }

    private static let format = "hadal data keys"
    private static let sizeLimit = 16 << 20

    /// Oldest first; a purpose's last one encrypts.
    var entries: [Entry]

    static func path(in directory: String) -> String { directory + "/keys.json" }

    func write(to path: String, replacing: Bool) throws(SecretsError) {
        try NewFile.write(Array(text.utf8), to: path, replacing: replacing)
    }

    var text: String {
        let lines = entries.map { entry in
            JSON.object(
                .init([
                    ("id", .string(entry.id.description)), ("purpose", .string(entry.purpose.rawValue)),
                    ("created", .string(entry.created.ISO8601Format())),
                    ("service", .string(entry.wrapped.service)), ("version", .int(Int64(entry.wrapped.version))),
                    ("wrapped", .string(Data(entry.wrapped.bytes).base64EncodedString())),
                ])
            ).text
        }
        // A line for each key: operators read and compare this file.
        return """
            {"format":"\(Self.format)","version":1,
            "keys":[
            \(lines.joined(separator: ",\n"))
            ]}

            """
    }

    static func read(_ path: String) throws(SecretsError) -> KeyTable {
        try KeyTable(try JSON(stateFile: path, limit: sizeLimit), path: path)
    }

    init(entries: [Entry]) { self.entries = entries }

    /// - Parameter path: for errors.
    init(_ json: JSON, path: String) throws(SecretsError) {
        guard json["format"]?.string == Self.format else {
            throw .unsupported(path: path, problem: "not a table of Hadal's data keys")
        }
        guard json["version"]?.int == 1, let keys = json["keys"]?.array else {
            throw .unsupported(path: path, problem: "written by a later version of Hadal, or members are missing")
        }
        var entries: [Entry] = []
        for (index, key) in keys.enumerated() {
            guard let id = key["id"]?.string.flatMap(DataKeyID.init),
                let purpose = key["purpose"]?.string.flatMap(DataPurpose.init(rawValue:)),
                let created = key["created"]?.string.flatMap({ try? Date($0, strategy: .iso8601) }),
                let service = key["service"]?.string, let version = key["version"]?.int,
                let wrapped = key["wrapped"]?.string.flatMap({ Data(base64Encoded: $0) })
            else { throw .unsupported(path: path, problem: "keys[\(index)] is not as it must be") }
            guard !entries.contains(where: { $0.id == id }) else {
                throw .unsupported(path: path, problem: "keys[\(index)] has the id of another key")
            }
            entries.append(
                Entry(
                    id: id, purpose: purpose, created: created,
                    wrapped: WrappedKey(service: service, version: version, bytes: [UInt8](wrapped))))
        }
        self.entries = entries
    }
}
