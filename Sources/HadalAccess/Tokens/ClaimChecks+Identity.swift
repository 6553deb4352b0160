import Foundation
import HadalJSON

extension ClaimChecks {
    /// Who a token is about, in our words.
    func identity() throws(TokenRefusal) -> VerifiedToken {
        let claims = token.claims
        guard let subject = try claims.name(at: issuer.claims.user) else {
            throw TokenRefusal("it has no '\(issuer.claims.user)', which says who the user is")
        }
        guard let expires = try claims.date("exp") else { throw TokenRefusal("it has no 'exp'") }
        let isUnverified = claims.value(at: "email_verified").map { $0 != true && $0 != "true" } ?? false
        // Anybody could have entered the address of somebody else.
        if isUnverified, issuer.claims.user == issuer.claims.email {
            throw TokenRefusal("its issuer has not verified the address that says who the user is")
        }
        return VerifiedToken(
            issuer: issuer.issuer, subject: subject, name: displayed(claims.value(at: issuer.claims.name)),
            email: isUnverified ? nil : displayed(claims.value(at: issuer.claims.email)),
            roles: try roles(), tenant: try tenant(), expires: expires, secondFactorShown: try secondFactorShown(),
            authenticated: try claims.date("auth_time"), id: try claims.name(at: "jti"))
    }

    /// Only to be shown, so that what is unusable is left out rather than refused.
    private func displayed(_ value: JSON?) -> String? {
        guard let text = value?.string, text.utf8.count <= 255, text.isPlainName else { return nil }
        return text
    }

    private func roles() throws(TokenRefusal) -> Set<String> {
        let named = try token.claims.roles(at: issuer.claims.roles)
        let roles = Set(issuer.roleMap.filter { named.containsExactly($0.key) }.values)
        return roles.isEmpty ? issuer.defaultRoles : roles
    }

    private func tenant() throws(TokenRefusal) -> String {
        switch issuer.tenant {
        case .fixed(let name): return name
        case .claim(let path, let allowed):
            guard let name = try token.claims.name(at: path) else {
                throw TokenRefusal("it has no '\(path)', which says the tenant")
            }
            if let allowed, !allowed.containsExactly(name) {
                throw TokenRefusal("its issuer may not let anybody into the tenant \(name.quotedBriefly)")
            }
            return name
        }
    }

    private func secondFactorShown() throws(TokenRefusal) -> Bool {
        let methods = try token.claims.list(at: "amr")
        let context = try token.claims.text(at: "acr")
        return methods.contains(where: issuer.secondFactorMethods.containsExactly)
            || context.map(issuer.secondFactorContexts.containsExactly) == true
    }
}
