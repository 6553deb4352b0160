import Foundation
import HadalAccess
import HadalConfiguration
import HadalJSON

/// Administration from this machine: it opens the data directory itself, beside a server that may be running, which
/// sees each change with its next request. Whoever can read and write the files may do everything; what they do is
/// recorded under their name all the same.
struct Office {
    let settings: HadalSettings
    let url: URL
    let administration: AccessAdministration
    let audit: AuditLog
    let requester: Requester

    /// - Parameter readsAudit: whether acts are to be shown.
    init(_ data: DataOption, readsAudit: Bool = false) async throws {
        settings = try data.settings()
        url = settings.dataURL
        let database = try AccessDatabase(data: url)
        let isSealed = try readsAudit && AuditLog(data: url).hasSealedRows()
        audit = try AuditLog(data: url, seal: try await settings.auditSeal(reads: isSealed))
        administration = AccessAdministration(try AccessControl(database, opensWhenEmpty: false), audit: audit)
        requester = Requester(.local(name: NSUserName()))
    }

    /// Keys that are no more can be named by their ids.
    func keyID(_ name: String) throws -> String { name.hasPrefix("key:") ? name : try key(name).id }

    /// By its id, or by the 8 characters that people recognise it by.
    func key(_ name: String) throws -> APIKey {
        let keys = try administration.keys(by: requester)
        guard let key = keys.first(where: { $0.id == name || $0.prefix == name }) else {
            throw CommandFailure("there is no key '\(name)'; 'hadal keys list --all' shows all")
        }
        return key
    }
}

/// Does an act; what is not there is told with the command that shows what is.
func advised<Value>(_ list: String, _ act: () throws(AccessProblem) -> Value) throws -> Value {
    do { return try act() } catch {
        switch error {
        case .notFound: throw CommandFailure("\(error); '\(list)' shows what there is")
        case .invalid(field: "roles", _): throw CommandFailure("\(error); 'hadal roles' shows what there is")
        default: throw error
        }
    }
}

/// How commands show what may be missing.
enum Cell {
    static func time(_ date: Date?) -> String { date?.ISO8601Format() ?? "-" }

    static func list(_ texts: some Sequence<String>) -> String {
        let sorted = texts.sorted()
        return sorted.isEmpty ? "-" : sorted.joined(separator: ",")
    }

    static func text(_ text: String) -> String { text.isEmpty ? "-" : text }
}

/// `--models a,b`.
extension ModelScope {
    init(option text: String) { self.init(names: text.commaSeparated) }
}

extension String {
    var commaSeparated: [String] { split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } }
}
