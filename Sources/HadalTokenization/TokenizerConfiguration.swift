import HadalJSON

/// What `tokenizer_config.json` adds to a vocabulary.
struct TokenizerConfiguration: Sendable {
    var tokenizerClass: String?
    var beginningToken: String?
    var endToken: String?
    var addsBeginning: Bool?
    var addsEnd: Bool?
    /// `added_tokens_decoder`.
    var added: [AddedToken] = []

    init() {}

    init(_ json: JSON, path: String) throws(TokenizerError) {
        tokenizerClass = json["tokenizer_class"]?.string
        // A token is written as its text or as an object with `content`. BERT's ends have names of their own.
        let text = { (name: String) in json[name]?.string ?? json[name]?["content"]?.string }
        beginningToken = text("bos_token") ?? text("cls_token")
        endToken = text("eos_token") ?? text("sep_token")
        addsBeginning = json["add_bos_token"]?.bool
        addsEnd = json["add_eos_token"]?.bool
        for (key, value) in json["added_tokens_decoder"]?.object?.members ?? [] {
            guard let id = Int32(key), id >= 0 else {
                throw .malformed(path: path, field: "added_tokens_decoder", problem: "\"\(key)\" is no id")
            }
            added.append(
                try AddedToken(value, id: id, path: path, field: "added_tokens_decoder.\(key)"))
        }
    }
}

extension AddedToken {
    /// One entry of `added_tokens` or `added_tokens_decoder`.
    init(_ json: JSON, id: Int32, path: String, field: String) throws(TokenizerError) {
        guard let content = json["content"]?.string, !content.isEmpty else {
            throw .malformed(path: path, field: field, problem: "has no content")
        }
        let isSpecial = json["special"]?.bool ?? false
        self.init(
            id: id, content: content, isSpecial: isSpecial,
            isNormalized: json["normalized"]?.bool ?? !isSpecial,
            isSingleWord: json["single_word"]?.bool ?? false,
            stripsLeft: json["lstrip"]?.bool ?? false,
            stripsRight: json["rstrip"]?.bool ?? false)
    }
}
