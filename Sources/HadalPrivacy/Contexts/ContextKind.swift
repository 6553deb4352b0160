/// What a word says about that which stands beside it.
struct ContextKind: OptionSet, Sendable {
    let rawValue: UInt32

    /// A telephone: "phone", "手机".
    static let phone = ContextKind(rawValue: 1 << 0)
    /// Words that may be about a telephone: "call", "reach".
    static let calling = ContextKind(rawValue: 1 << 1)
    static let card = ContextKind(rawValue: 1 << 2)
    static let residentID = ContextKind(rawValue: 1 << 3)
    static let hongKongID = ContextKind(rawValue: 1 << 4)
    static let permit = ContextKind(rawValue: 1 << 5)
    static let passport = ContextKind(rawValue: 1 << 6)
    static let socialSecurity = ContextKind(rawValue: 1 << 7)
    /// The name of a field with a secret: "password", "api_key".
    static let secret = ContextKind(rawValue: 1 << 8)
    static let version = ContextKind(rawValue: 1 << 9)
    /// The name of a field with a person's name: "姓名".
    static let name = ContextKind(rawValue: 1 << 10)
    /// What a person may be called before the name: "客户".
    static let person = ContextKind(rawValue: 1 << 11)
    /// What follows a person's name: "先生".
    static let honorific = ContextKind(rawValue: 1 << 12)
    static let address = ContextKind(rawValue: 1 << 13)
    /// The name of a province or city.
    static let region = ContextKind(rawValue: 1 << 14)
    /// What may follow a name or an address without a sign between.
    static let boundary = ContextKind(rawValue: 1 << 15)
    static let iban = ContextKind(rawValue: 1 << 16)
    /// "number" and "id", of whatever it be.
    static let number = ContextKind(rawValue: 1 << 17)
}
