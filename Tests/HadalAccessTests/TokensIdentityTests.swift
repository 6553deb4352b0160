import Foundation
import HadalJSON
import Testing

@testable import HadalAccess

/// What a token's claims become in our words.
@Suite struct TokensIdentityTests {
    let key = TestKey.es256("a")
    let issuer: TestIssuer

    init() { issuer = TestIssuer(key) }

    private func verify(
        _ claims: [String: JSON], _ change: (inout TokenIssuer) -> Void = { _ in }
    ) async throws -> VerifiedToken {
        var settings = TestIssuer.settings
        change(&settings)
        return try await issuer.verifier(settings).verify(try key.token(issuer.claims(claims)))
    }

    // MARK: Roles

    @Test func knowsOnlyRolesThatAreMapped() async throws {
        let token = try await verify(["roles": ["staff", "administrator", "ops"]]) {
            $0.roleMap = ["staff": "user", "ops": "operator", "boss": "administrator"]
        }
        #expect(token.roles == ["user", "operator"])
    }

    @Test func givesDefaultRolesToThoseWithout() async throws {
        for roles: JSON in [.null, ["administrator"], .array([]), "Staff", "staff "] {
            let token = try await verify(["roles": roles]) { $0.defaultRoles = ["guest"] }
            #expect(token.roles == ["guest"])
        }
        #expect(try await verify(["roles": ["staff"]]) { $0.defaultRoles = ["guest"] }.roles == ["user"])
        #expect(try await verify(["roles": .null]).roles == [])
    }

    @Test func comparesRolesByteForByte() async throws {
        #expect(try await verify(["roles": ["\u{212A}ings"]]) { $0.roleMap = ["Kings": "administrator"] }.roles == [])
    }

    @Test func findsRolesAtAPath() async throws {
        let nested: JSON = ["roles": ["staff"], "other": 1]
        #expect(try await verify(["realm_access": nested]) { $0.claims.roles = "realm_access.roles" }.roles == ["user"])
        #expect(
            try await verify(["https://x.example/roles": ["staff"]]) { $0.claims.roles = "https://x.example/roles" }
                .roles == ["user"])
        for path in [
            "realm_access.none", "realm_access.roles.more", "realm_access.other.x", "none.roles", ".", "roles.",
        ] {
            #expect(try await verify(["realm_access": nested]) { $0.claims.roles = path }.roles == [])
        }
    }

    @Test func splitsScopes() async throws {
        #expect(try await verify(["scope": "openid staff"]) { $0.claims.roles = "scope" }.roles == ["user"])
        #expect(try await verify(["groups": "openid staff"]) { $0.claims.roles = "groups" }.roles == [])
    }

    @Test func refusesRolesOfAnotherType() async throws {
        await expectRefusal("'roles' is neither") { try await verify(["roles": ["staff": true]]) }
        await expectRefusal("'roles' has elements") { try await verify(["roles": ["staff", 1]]) }
    }

    // MARK: Who it is

    @Test func identifiesUsersByTheClaimOfTheSettings() async throws {
        #expect(try await verify(["oid": "7f"]) { $0.claims.user = "oid" }.subject == "7f")
        await expectRefusal("it has no 'oid'") { try await verify([:]) { $0.claims.user = "oid" } }
        await expectRefusal("it has no 'sub'") { try await verify(["sub": .null]) }
    }

    @Test(arguments: [
        "", "\u{212A}ing", "e\u{301}", "a\u{0}", "a\nb", "\u{1B}[2J", "a\u{85}b", "a\u{2028}b", "a\u{202E}b",
        String(repeating: "a", count: 256),
    ])
    func refusesSubjectsThatCouldPassForOthers(_ subject: String) async throws {
        await expectRefusal("'sub' is empty, longer than 255 bytes, has control") {
            try await verify(["sub": .string(subject)])
        }
    }

    @Test func takesSubjectsInAllLanguages() async throws {
        for subject in ["李雷", "é", "auth0|5f7c8ec7c33c6c004bbafe82", "a b", "x#y"] {
            #expect(try await verify(["sub": .string(subject)]).subject == subject)
        }
        await expectRefusal("'sub' is not a string") { try await verify(["sub": 7]) }
    }

    @Test func doesNotBelieveAnAddressThatWasNotVerified() async throws {
        let address: JSON = "ada@example.org"
        #expect(try await verify(["email": address]).email == "ada@example.org")
        #expect(try await verify(["email": address, "email_verified": true]).email == "ada@example.org")
        for no: JSON in [false, "false", 0, ["yes"]] {
            #expect(try await verify(["email": address, "email_verified": no]).email == nil)
            await expectRefusal("has not verified the address") {
                try await verify(["email": address, "email_verified": no]) { $0.claims.user = "email" }
            }
        }
        #expect(try await verify(["email": address]) { $0.claims.user = "email" }.subject == "ada@example.org")
    }

    @Test func leavesOutWhatCannotBeShown() async throws {
        let token = try await verify(["name": "a\u{1B}[31mb", "email": ["x"]])
        #expect(token.name == nil && token.email == nil)
    }

    // MARK: Tenants

    @Test func putsUsersIntoTheTenantOfTheClaim() async throws {
        let claim = TokenIssuer.Tenant.claim("org.name", allowed: nil)
        #expect(try await verify(["org": ["name": "acme"]]) { $0.tenant = claim }.tenant == "acme")
        #expect(try await verify(["org": ["name": "acme"]]) { $0.tenant = .fixed("own") }.tenant == "own")
        await expectRefusal("it has no 'org.name', which says the tenant") {
            try await verify([:]) { $0.tenant = claim }
        }
        await expectRefusal("'org.name' is not a string") {
            try await verify(["org": ["name": 1]]) { $0.tenant = claim }
        }
        await expectRefusal("'org.name' is empty") { try await verify(["org": ["name": ""]]) { $0.tenant = claim } }
    }

    @Test func keepsAnIssuerOutOfOthersTenants() async throws {
        let claim = TokenIssuer.Tenant.claim("tenant", allowed: ["acme", "King"])
        #expect(try await verify(["tenant": "acme"]) { $0.tenant = claim }.tenant == "acme")
        for other in ["default", "Acme", "acme "] {
            await expectRefusal("may not let anybody into the tenant") {
                try await verify(["tenant": .string(other)]) { $0.tenant = claim }
            }
        }
        await expectRefusal("not in NFC") { try await verify(["tenant": "\u{212A}ing"]) { $0.tenant = claim } }
    }

    // MARK: Required claims

    @Test func wantsRequiredClaims() async throws {
        let required: (inout TokenIssuer) -> Void = { $0.requiredClaims = ["hd": "example.org", "a.b": true] }
        _ = try await verify(["hd": "example.org", "a": ["b": true]], required)
        let wrong: [[String: JSON]] = [
            [:], ["hd": "example.org"], ["hd": "example.com", "a": ["b": true]], ["hd": "example.org", "a": ["b": 1]],
            ["hd": ["example.org"], "a": ["b": true]], ["hd": "example.org", "a": ["b": "true"]],
        ]
        for claims in wrong {
            await expectRefusal("does not have the required value") { try await verify(claims, required) }
        }
        await expectRefusal("required value") {
            try await verify(["hd": "\u{212A}"]) { $0.requiredClaims = ["hd": "K"] }
        }
    }

    // MARK: Second factor

    @Test func knowsWhetherASecondFactorWasShown() async throws {
        #expect(try await verify(["amr": ["pwd", "mfa"]]).secondFactorShown)
        #expect(try await !verify(["amr": ["pwd", "otp"]]).secondFactorShown)
        #expect(try await !verify(["amr": ["MFA"]]).secondFactorShown)
        #expect(try await verify(["amr": ["hwk"]]) { $0.secondFactorMethods = ["hwk"] }.secondFactorShown)
        #expect(try await !verify(["acr": "gold"]).secondFactorShown)
        #expect(try await verify(["acr": "gold"]) { $0.secondFactorContexts = ["gold"] }.secondFactorShown)
        await expectRefusal("'amr' has elements") { try await verify(["amr": [true]]) }
        await expectRefusal("'acr' is not a string") { try await verify(["acr": 2]) }
    }

    @Test func saysWhenSomebodyLoggedInThere() async throws {
        let time = issuer.seconds - 50
        #expect(try await verify(["auth_time": .int(time)]).authenticated == issuer.now.addingTimeInterval(-50))
    }
}
