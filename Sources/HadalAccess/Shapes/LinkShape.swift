import HadalJSON

extension IdentityLink {
    /// What a link is called in the admin API and in options.
    public enum Kind: String, CaseIterable, Sendable {
        case external
        case certificateFingerprint, certificateName, certificateURI, certificateEmail
    }

    /// - Parameter issuer: of an external one; nil for all others.
    /// - Returns: nil where one is given and not wanted, or the other way round.
    public init?(_ kind: Kind, _ value: String, issuer: String? = nil) {
        switch (kind, issuer) {
        case (.external, let issuer?): self = .external(issuer: issuer, subject: value)
        case (.certificateFingerprint, nil): self = .certificateFingerprint(value)
        case (.certificateName, nil): self = .certificateName(value)
        case (.certificateURI, nil): self = .certificateURI(value)
        case (.certificateEmail, nil): self = .certificateEmail(value)
        default: return nil
        }
    }

    public var kind: Kind {
        switch self {
        case .external: .external
        case .certificateFingerprint: .certificateFingerprint
        case .certificateName: .certificateName
        case .certificateURI: .certificateURI
        case .certificateEmail: .certificateEmail
        }
    }

    public var json: JSON {
        let (_, issuer, value) = columns
        return .compact([
            ("kind", .string(kind.rawValue)), ("issuer", issuer.isEmpty ? nil : .string(issuer)),
            ("value", .string(value)),
        ])
    }
}
