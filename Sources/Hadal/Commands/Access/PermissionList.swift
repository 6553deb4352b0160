import ArgumentParser
import HadalAccess

/// `models.use,models.list`.
struct PermissionList: ExpressibleByArgument {
    let permissions: Set<Permission>

    init?(argument: String) {
        var permissions: Set<Permission> = []
        for word in argument.commaSeparated {
            guard let permission = Permission(rawValue: word) else { return nil }
            permissions.insert(permission)
        }
        self.permissions = permissions
    }

    static let allValueStrings = Permission.allCases.map(\.rawValue)
}
