import Testing

@testable import HadalAccess

@Suite struct RoleMatrixTests {
    /// The matrix once more, cell by cell: a = administrator, m = model-manager, o = operator, d = auditor, u = user.
    private static let expected: [String: String] = [
        "models.use": "am  u",
        "models.list": "amodu",
        "files.use": "am  u",
        "variants.manage": "am   ",
        "models.manage": "am   ",
        "models.delete": "am   ",
        "releases.manage": "am   ",
        "releases.rollback": "amo  ",
        "operations.view": "amod ",
        "operations.manage": "a o  ",
        "configuration.view": "a od ",
        "configuration.manage": "a    ",
        "certificates.view": "a od ",
        "certificates.manage": "a o  ",
        "access.view": "a  d ",
        "users.manage": "a    ",
        "roles.change": "a    ",
        "tenants.manage": "a    ",
        "limits.manage": "a    ",
        "keys.own": "amo u",
        "keys.manage": "a    ",
        "audit.view": "a  d ",
        "audit.export": "   d ",
        "conversations.read": "     ",
        "masks.read": "     ",
    ]

    private static let letters: [Character: String] = [
        "a": "administrator", "m": "model-manager", "o": "operator", "d": "auditor", "u": "user",
    ]

    @Test(arguments: Permission.allCases) func eachCellIsAsExpected(permission: Permission) throws {
        let row = try #require(RoleMatrixTests.expected[permission.rawValue])
        for (letter, name) in RoleMatrixTests.letters {
            let role = try #require(RoleMatrix.roles.first { $0.name == name })
            #expect(role.permissions.contains(permission) == row.contains(letter), "\(name), \(permission.rawValue)")
        }
    }

    @Test func thereAreFiveRolesForAllModelsAndNobodyChangesThem() {
        #expect(RoleMatrix.roles.map(\.name) == ["administrator", "model-manager", "operator", "auditor", "user"])
        #expect(RoleMatrix.roles.allSatisfy { $0.isBuiltIn && $0.models == .all && !$0.about.isEmpty })
    }

    @Test func theAuditorChangesNothing() throws {
        let auditor = try #require(RoleMatrix.roles.first { $0.name == RoleMatrix.auditor })
        let looking: Set<String> = ["list", "view", "export"]
        #expect(auditor.permissions.allSatisfy { looking.contains(String($0.rawValue.split(separator: ".")[1])) })
    }

    @Test func noPermissionEditsTheAudit() {
        #expect(Permission.allCases.filter { $0.rawValue.hasPrefix("audit") } == [.viewAudit, .exportAudit])
    }

    /// Each role tries each permission through `authorise`, as a request does.
    @Test(arguments: RoleMatrix.names) func authoriseLetsPassWhatTheMatrixSays(name: String) throws {
        let installation = try Installation()
        let principal = try installation.confirmed("somebody", roles: [name])
        for permission in Permission.allCases {
            let row = try #require(RoleMatrixTests.expected[permission.rawValue])
            let isAllowed = row.contains { RoleMatrixTests.letters[$0] == name }
            let result = Result { () throws(AccessError) in
                try installation.control.authorise(principal, permission, now: installation.now)
            }
            switch result {
            case .success: #expect(isAllowed, "\(permission)")
            case .failure(let error): #expect(!isAllowed && error == .notAllowed(permission), "\(permission)")
            }
        }
    }
}

@Suite struct ModelScopeTests {
    @Test func starsStandForAllThatBeginsSo() {
        #expect(ModelScope.only(["deepseek-*"]).contains("deepseek-r1"))
        #expect(!ModelScope.only(["deepseek-*"]).contains("deepseek"))
        #expect(!ModelScope.only(["a"]).contains("ab"))
        #expect(ModelScope.all.contains("anything"))
        #expect(!ModelScope.only([]).contains("anything"))
    }

    @Test func coversOnlyWhatIsContained() {
        #expect(ModelScope.all.covers(.only(["a*"])))
        #expect(!ModelScope.only(["a*", "b"]).covers(.all))
        #expect(ModelScope.only(["*"]).covers(.all))
        #expect(ModelScope.only(["a*"]).covers(.only(["ab*", "a", "abc"])))
        #expect(!ModelScope.only(["ab*"]).covers(.only(["a*"])))
        #expect(!ModelScope.only(["ab"]).covers(.only(["ab*"])))
    }
}
