import HadalJSON

/// How much of a request's or an answer's text is kept.
public enum AuditText: Sendable, Hashable {
    case none
    case full(String)
    /// With personal data replaced; the caller has done that.
    case masked(String)
    /// Only what tells later whether a text is this one.
    case hash(String)

    var isStored: Bool {
        switch self {
        case .full, .masked: true
        case .none, .hash: false
        }
    }
}

/// What a record says of a text: where it lies, encrypted with the key of its person, or its keyed hash.
public struct ContentReference: Sendable, Hashable {
    public enum Form: String, Sendable, Hashable {
        case full, masked, hash
    }

    public var form: Form
    /// The person's content key, by its id.
    public var key: String
    /// Of the encrypted bytes (`full`, `masked`), or HMAC-SHA256 of the text (`hash`); hexadecimal.
    public var digest: String
    /// Where the encrypted bytes lie in the contents file of the record's segment; 0 with `hash`.
    var offset: UInt64 = 0
    var length: Int = 0

    var json: JSON {
        switch form {
        case .hash: ["form": "hash", "hmac": .string(digest), "key": .string(key)]
        case .full, .masked:
            [
                "form": .string(form.rawValue), "key": .string(key), "length": .int(Int64(length)),
                "offset": .int(Int64(clamping: offset)), "sha256": .string(digest),
            ]
        }
    }

    init(form: Form, key: String, digest: String, offset: UInt64 = 0, length: Int = 0) {
        self.form = form
        self.key = key
        self.digest = digest
        self.offset = offset
        self.length = length
    }

    init?(json: JSON) {
        guard let form = json["form"]?.string.flatMap(Form.init(rawValue:)), let key = json["key"]?.string else {
            return nil
        }
        if form == .hash {
            guard let digest = json["hmac"]?.string else { return nil }
            self.init(form: form, key: key, digest: digest)
        } else {
            guard let digest = json["sha256"]?.string, let length = json["length"]?.int,
                (ContentCipher.overhead...ContentCipher.sizeLimit).contains(length),
                let offset = json["offset"]?.int.flatMap(UInt64.init(exactly:))
            else { return nil }
            self.init(form: form, key: key, digest: digest, offset: offset, length: length)
        }
    }
}
