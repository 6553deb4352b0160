/// Text to token ids and back, for one model.
public protocol Tokenizer: Sendable {
    /// Number of ids, added tokens included.
    var vocabularySize: Int { get }
    /// Put before a prompt where the model was trained so; nil where it was not.
    var beginningOfText: Int32? { get }
    var endOfText: Int32? { get }
    /// Whether `beginningOfText` belongs before a prompt that is plain text (`add_bos_token`).
    var addsBeginningOfText: Bool { get }

    /// - Parameter parsesSpecial: whether text like `<｜User｜>` stands for the special token. Only for text that we wrote
    ///   ourselves (a rendered template): a user's words never become control tokens.
    func encode(_ text: String, parsesSpecial: Bool) -> [Int32]
    /// The bytes a token stands for: possibly a part of a UTF-8 character. Special tokens give their text.
    func bytes(of token: Int32) -> [UInt8]
    /// Whether this is a control token, which is not part of what a person reads.
    func isSpecial(_ token: Int32) -> Bool
    /// The id of a token by its exact text; special tokens included.
    func id(of piece: String) -> Int32?
}
