import Foundation
import HadalState

@testable import HadalAccess

extension Installation {
    /// All that the database's files hold.
    func bytesOnDisk() throws -> Data {
        control.flush()
        return try ["access.db", "access.db-wal"].reduce(into: Data()) { all, name in
            let url = data.appendingPathComponent(name)
            if FileManager.default.fileExists(atPath: url.path) { all += try Data(contentsOf: url) }
        }
    }
}

extension Data {
    func contains(_ text: String) -> Bool { contains(Data(text.utf8)) }

    func contains(_ bytes: Data) -> Bool { range(of: bytes) != nil }
}

func mode(_ url: URL) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: url.path)
    return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
}

extension AccessStoreError {
    /// The file that is said to be damaged.
    var damaged: String? { if case .state(.damaged(let path, _)) = self { path } else { nil } }
}
