import Foundation
import HadalAccess
import HadalJSON
import HadalWire

/// Who made a batch, as it is kept beside it.
extension Principal {
    init(_ json: JSON) throws(WireError) {
        var fields = try FieldReader(json, at: "creator")
        let method = try fields.requiredString("method")
        guard let method = Method(rawValue: method) else {
            throw .outOfRange(field: "creator.method", expected: "a way to authenticate")
        }
        self.init(
            id: try fields.requiredString("id"), name: try fields.requiredString("name"),
            userID: try fields.string("user"), keyID: try fields.string("key"),
            tenant: try fields.requiredString("tenant"), method: method,
            permissions: Set(
                (fields.value("permissions")?.array ?? []).compactMap { $0.string.flatMap(Permission.init) }),
            models: try (fields.value("models")?.array ?? []).map { (scope) throws(WireError) in
                try Principal.scope(scope, at: "creator.models")
            },
            permissionModels: try Principal.scopes(fields.value("permission_models")))
    }

    private static func scope(_ json: JSON, at field: String) throws(WireError) -> ModelScope {
        guard let names = json.array else { throw .wrongType(field: field, expected: "a list of names") }
        return .only(Set(names.compactMap(\.string)))
    }

    private static func scopes(_ json: JSON?) throws(WireError) -> [Permission: ModelScope] {
        var scopes: [Permission: ModelScope] = [:]
        for (name, value) in json?.object?.members ?? [] {
            guard let permission = Permission(rawValue: name) else { continue }
            scopes[permission] = try scope(value, at: "creator.permission_models")
        }
        return scopes
    }

    var json: JSON {
        .compact([
            ("id", .string(id)), ("name", .string(name)), ("user", userID.map(JSON.string)),
            ("key", keyID.map(JSON.string)), ("tenant", .string(tenant)), ("method", .string(method.rawValue)),
            ("permissions", .array(permissions.map(\.rawValue).sorted().map(JSON.string))),
            ("models", .array(models.compactMap(\.names))),
            (
                "permission_models",
                .object(
                    JSON.Object(
                        permissionModels.sorted { $0.key.rawValue < $1.key.rawValue }.compactMap { permission, scope in
                            scope.names.map { (permission.rawValue, $0) }
                        }))
            ),
        ])
    }
}

extension ModelScope {
    /// nil: all.
    fileprivate var names: JSON? {
        guard case .only(let names) = self else { return nil }
        return .array(names.sorted().map(JSON.string))
    }
}
