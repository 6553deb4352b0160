extension TokenIssuerSettings {
    static let entries: [Entry<TokenIssuerSettings>] = tokenEntries + ownerEntries + loginEntries

    /// Which tokens count.
    private static let tokenEntries: [Entry<TokenIssuerSettings>] = [
        .setting(
            "issuer", \.issuer, .word("issuer", example: "https://login.example.org") { !$0.isWhitespace }, .reload,
            shownDefault: "must be given", "What a token's iss must be, byte for byte."),
        .setting(
            "audiences", \.audiences, .list(of: .text("audience", example: "hadal")), .reload,
            shownDefault: "must be given", "A token must be meant for one of them (aud)."),
        .setting(
            "algorithms", \.algorithms, .list(of: .choice), .reload,
            "Signatures that count. Symmetric ones and none cannot be allowed."),
        .setting(
            "keys_url", \.keysURL, .optional(.url(example: "https://login.example.org/keys")), .reload,
            shownDefault: "found by OpenID Connect Discovery",
            "Where the issuer's JWK set is fetched from."),
        .setting(
            "keys_file", \.keysFile, .optional(.path(example: "/etc/hadal/issuer.jwks")), .reload,
            "A JWK set on this machine, instead of a URL."),
        .setting(
            "skew", \.skew, .duration(.zero...(.seconds(300)), example: "60s"), .reload,
            "How far the issuer's clock and ours may be apart."),
        .setting(
            "maximum_age", \.maximumAge, .optional(.duration(.seconds(1)...(.seconds(365 * 86_400)), example: "1d")),
            .reload, "A token that was issued longer ago does not count, whatever its exp says."),
        .setting("one_time_use", \.oneTimeUse, .choice, .reload, "always: each token counts once, by its jti."),
        .setting(
            "one_time_claim", \.oneTimeClaim, .optional(.claim("one_time")), .reload,
            "Tokens in which this claim is true count once."),
        .setting(
            "authorized_parties", \.authorizedParties, .list(of: .text("client", example: "portal")), .reload,
            "Clients (azp or client_id) that may have asked for the token; without any, all."),
        .setting(
            "required_claims", \.requiredClaims,
            .map(to: .text(example: "production"), name: "claims and values", example: "{environment: production}"),
            .reload, "Claims that must be there with this text."),
    ]

    /// Who its owner is.
    private static let ownerEntries: [Entry<TokenIssuerSettings>] = [
        .group("claims", \.claims),
        .setting(
            "roles", \.roles,
            .map(to: .text("role", example: "user"), name: "the issuer's roles and ours", example: "{staff: user}"),
            .reload, "Which of our roles stands for a role or group of the issuer. Others mean nothing."),
        .setting(
            "default_roles", \.defaultRoles, .list(of: .text("role", example: "user")), .reload,
            "Our roles for those whose token brings none."),
        .setting("tenant", \.tenant, .text("tenant", example: "research"), .reload, "The tenant of its users."),
        .setting(
            "tenants", \.tenants, .list(of: .text("tenant", example: "research")), .reload,
            "Tenants that the claim claims.tenant may name; without any, all."),
        .setting(
            "second_factor_methods", \.secondFactorMethods, .list(of: .text("method", example: "mfa")), .reload,
            "Values of amr (RFC 8176) that say that a second factor was shown."),
        .setting(
            "second_factor_contexts", \.secondFactorContexts, .list(of: .text("context", example: "gold")), .reload,
            "Values of acr that say so."),
    ]

    /// How people log in to the console with it.
    private static let loginEntries: [Entry<TokenIssuerSettings>] = [
        .setting(
            "client_id", \.clientID, .optional(.text("client id", example: "hadal-console")), .reload,
            "The console's id with this OpenID provider; with it people log in to the console there."),
        .secret(
            "client_secret", \.clientSecret.file, \.clientSecret.environmentVariable, .reload,
            "the console's secret with the provider"),
        .setting(
            "redirect", \.redirect,
            .optional(.url(example: "https://hadal.example.org/admin/v1/session/openid/callback")), .reload,
            "Where the provider sends browsers back to, exactly as registered there."),
        .setting(
            "scopes", \.scopes, .list(of: .text("scope", example: "openid")), .reload,
            "What the console asks the provider for."),
    ]
}
