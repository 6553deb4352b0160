import Foundation

/// Where the parts of a trail lie below DATA/audit.
struct AuditDirectory: Sendable, Hashable {
    static let segmentSuffix = ".audit"
    static let contentsSuffix = ".contents"

    let path: String

    /// - Parameter data: the data directory.
    init(data: String) { path = data + "/audit" }

    var lock: String { path + "/lock" }
    var head: String { path + "/head" }
    var keys: String { path + "/keys" }
    var signingKey: String { path + "/signing.key" }
    var people: String { path + "/people" }

    func segment(_ first: UInt64) -> String { path + "/" + Self.name(first) + Self.segmentSuffix }
    func contents(_ first: UInt64) -> String { path + "/" + Self.name(first) + Self.contentsSuffix }
    func torn(_ first: UInt64, offset: UInt64) -> String { path + "/" + Self.name(first) + ".torn-\(offset)" }

    private static func name(_ first: UInt64) -> String {
        let digits = String(first)
        return String(repeating: "0", count: 20 - digits.count) + digits
    }

    func make() throws(AuditError) {
        for path in [path, people] {
            guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
                throw .system(path: path, operation: "make it", code: errno)
            }
        }
    }

    /// First sequence numbers, ascending. Files with other names are none of ours.
    func segments() throws(AuditError) -> [UInt64] { try numbers(Self.segmentSuffix) }
    func contentFiles() throws(AuditError) -> [UInt64] { try numbers(Self.contentsSuffix) }

    private func numbers(_ suffix: String) throws(AuditError) -> [UInt64] {
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: path) } catch {
            throw .system(path: path, operation: "list it", code: ENOENT)
        }
        return names.compactMap { name in
            guard name.hasSuffix(suffix), let first = UInt64(name.dropLast(suffix.count)),
                (1...UInt64(Int64.max)).contains(first),
                Self.name(first) + suffix == name
            else { return nil }
            return first
        }.sorted()
    }
}
