/// What is looked for. The raw value is how settings, records and (in capitals) placeholders write it.
public enum PersonalDataKind: String, Sendable, Hashable, CaseIterable {
    /// Chinese resident identity number of 18 or 15 digits, also that of residence permits (Hong Kong, Macau, Taiwan,
    /// foreigners).
    case residentID = "resident_id"
    case hongKongID = "hong_kong_id"
    /// Permits for travel between the mainland and Hong Kong, Macau and Taiwan.
    case travelPermit = "travel_permit"
    case passport
    /// Mobile and fixed line, Chinese and international.
    case phone
    /// Bank and credit cards.
    case bankCard = "bank_card"
    case plate
    /// Unified social credit code of Chinese organisations.
    case creditCode = "credit_code"
    case name
    case address
    case email
    case iban
    /// Social security number of the United States.
    case socialSecurityNumber = "ssn"
    case ipAddress = "ip"
    /// API keys, tokens, private keys, passwords.
    case secret
    /// User and password in a URL.
    case urlCredentials = "url_credentials"
    case wallet

    /// What a placeholder of this kind begins with.
    var label: String { rawValue.uppercased() }

    /// Which of two overlapping findings of equal confidence is kept: the higher.
    var specificity: Int {
        switch self {
        case .urlCredentials: 9
        case .secret: 8
        case .residentID, .iban, .creditCode: 7
        case .bankCard, .hongKongID, .socialSecurityNumber, .wallet: 6
        case .ipAddress, .email, .plate: 5
        case .passport, .travelPermit: 4
        case .phone: 3
        case .address: 2
        case .name: 1
        }
    }
}
