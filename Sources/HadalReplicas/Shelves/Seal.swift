import Foundation
import HadalObjects
import HadalSecrets

/// Encrypts objects of a place under its keys, and names them so that the names tell nothing.
struct Seal: Sendable {
    static let overhead = SealedValue.overhead

    /// Of the place: the newest seals, each opens what it has sealed.
    let keys: DataKeys
    /// That makes the names.
    let key: DataKey

    /// - Returns: 64 hexadecimal digits.
    func name(of text: String) -> String { key.name(of: text) }

    /// An object opens only under its own name.
    func seal(_ bytes: Data, as name: ObjectName, at place: String) throws(ObjectError) -> Data {
        do throws(SecretsError) {
            return Data(try SealedValue.seal(bytes, keys: keys, purpose: .models, context: Self.context(name)))
        } catch { throw .damaged(place: place, name: name.text, problem: "cannot be sealed: \(error)") }
    }

    func open(_ sealed: Data, as name: ObjectName, at place: String) throws(ObjectError) -> Data {
        do throws(SecretsError) {
            return Data(try SealedValue.open([UInt8](sealed), keys: keys, context: Self.context(name)))
        } catch {
            var problem = "does not open: it was changed, cut off, or put in another one's place"
            if case .unknownDataKey(_, let id, let table) = error {
                problem = "does not open: its key \(id) is not in \(table)"
            }
            throw .damaged(place: place, name: name.text, problem: problem)
        }
    }

    private static func context(_ name: ObjectName) -> String { "replica \(name)" }
}
