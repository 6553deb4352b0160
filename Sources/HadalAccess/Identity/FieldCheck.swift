import Foundation

/// What names and other fields may be.
enum FieldCheck {
    /// Characters, each of one byte.
    static let nameLengthMax = 64
    private static let textLengthMax = 200
    private static let passwordLengthMin = 12
    private static let modelsMax = 1000

    /// Only characters of ASCII: no two names look alike and differ.
    static func name(_ name: String, field: String = "name") throws(AccessProblem) {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
                UInt8(ascii: "@"):
                true
            default: false
            }
        }
        // The first one keeps names from being directories such as `..`, and options.
        let begins = name.first.map { $0.isLetter || $0.isNumber } ?? false
        guard isPlain, begins, name.utf8.count <= nameLengthMax else {
            throw .invalid(
                field: field,
                problem:
                    "must be 1 to \(nameLengthMax) letters, digits or any of the characters . _ - @, beginning with a letter or digit"
            )
        }
    }

    /// A line for people.
    static func text(_ text: String, field: String) throws(AccessProblem) {
        guard text.utf8.count <= textLengthMax,
            !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else {
            throw .invalid(field: field, problem: "must be one line of at most \(textLengthMax) bytes")
        }
    }

    static func models(_ models: ModelScope) throws(AccessProblem) {
        guard case .only(let names) = models else { return }
        guard names.count <= modelsMax, names.allSatisfy({ (1...textLengthMax).contains($0.utf8.count) }) else {
            throw .invalid(
                field: "models", problem: "must be at most \(modelsMax) names of at most \(textLengthMax) bytes each")
        }
    }

    static func password(_ password: String, user: String) throws(AccessProblem) {
        func refuse(_ problem: String) -> AccessProblem { .invalid(field: "password", problem: problem) }
        guard password.count >= passwordLengthMin else {
            throw refuse("must have at least \(passwordLengthMin) characters")
        }
        guard password.utf8.count <= AccessControl.passwordBytesMax else {
            throw refuse("must have at most \(AccessControl.passwordBytesMax) bytes")
        }
        let plain = password.lowercased()
        guard plain != user.lowercased() else { throw refuse("must not be the user's name") }
        guard Set(plain).count >= 5, !CommonPasswords.contains(plain) else {
            throw refuse("is among the first that anybody would try")
        }
    }

    static func link(_ link: IdentityLink) throws(AccessProblem) {
        let (kind, issuer, value) = link.columns
        guard value.isPlainName, value.utf8.count <= 512, issuer.isEmpty || issuer.isPlainName, issuer.utf8.count <= 512
        else { throw .invalid(field: "link", problem: "must be a plain line of at most 512 bytes") }
        if kind == "external", issuer.isEmpty { throw .invalid(field: "issuer", problem: "must not be empty") }
        if case .certificateFingerprint(let text) = link {
            let isHex = text.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
            guard isHex, text.utf8.count == 64 else {
                throw .invalid(
                    field: "fingerprint", problem: "must be 64 hexadecimal digits in small letters (SHA-256)")
            }
        }
    }
}
