import Foundation
import HadalJSON

extension JSON {
    /// What is in a file of ours.
    /// - Parameter limit: bytes.
    /// - Throws: `.notSetUp` where there is none, `.damaged` where it is no JSON.
    init(stateFile path: String, limit: Int) throws(SecretsError) {
        guard access(path, F_OK) == 0 else { throw .notSetUp(path: path) }
        let bytes = try OpenFile(path, O_RDONLY).readToEnd(limit: limit)
        do throws(JSONError) { self = try JSON(parsing: bytes) } catch {
            throw .damaged(path: path, part: error.problem, offset: UInt64(error.offset))
        }
    }
}
