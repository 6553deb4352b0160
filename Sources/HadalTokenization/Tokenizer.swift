/// Text to token ids and back, for one model.
public protocol Tokenizer: Sendable {
    /// Number of ids, added tokens included.
    var vocabularySize: Int { get }
    /// Put before a prompt where the model was trained so; nil where it was not.
    var beginningOfText: Int32? { get }
    var endOfText: Int32? { get }
    /// Whether `beginningOfText` belongs before a prompt that is plain text (`add_bos_token`).
    var addsBeginningOfText: Bool { get }
    /// Whether `endOfText` belongs after a text: so for encoders such as BERT, not for models that write.
    var addsEndOfText: Bool { get }
    /// Whether the text of a token sequence begins with a space that was not in the original (SentencePiece).
    var stripsLeadingSpace: Bool { get }

    /// - Parameter parsesSpecial: whether text like `<｜User｜>` stands for the special token. Only for text that we wrote
    ///   ourselves (a rendered template): a user's words never become control tokens.
    func encode(_ text: String, parsesSpecial: Bool) -> [Int32]
    /// Encodes text that we wrote around a person's words, in which `masks` stand for scalars of those words. Control
    /// tokens are recognised while the masks are on, so that none begins in a person's words; then the masks come off.
    ///
    /// - Parameter masks: what each stands for. Beyond the Basic Multilingual Plane, which no control token's text is.
    func encode(_ text: String, unmasking masks: [Unicode.Scalar: Unicode.Scalar]) -> [Int32]
    /// The texts that `encode` takes for a control token only where it parses special tokens.
    var controlTexts: [String] { get }
    /// The bytes a token stands for: possibly a part of a UTF-8 character. Special tokens give their text.
    func bytes(of token: Int32) -> [UInt8]
    /// Whether this is a control token, which is not part of what a person reads.
    func isSpecial(_ token: Int32) -> Bool
    /// The id of a token by its exact text; special tokens included.
    func id(of piece: String) -> Int32?
}

extension Tokenizer {
    public var addsEndOfText: Bool { false }
    public var stripsLeadingSpace: Bool { false }

    /// `text` as the model was trained to see a whole text: with the beginning and end tokens that belong around it.
    public func encodeWhole(_ text: String, parsesSpecial: Bool = false) -> [Int32] {
        var ids = encode(text, parsesSpecial: parsesSpecial)
        if addsBeginningOfText, let beginningOfText { ids.insert(beginningOfText, at: 0) }
        if addsEndOfText, let endOfText { ids.append(endOfText) }
        return ids
    }

    /// The text of a whole sequence. Bytes that are no UTF-8 become U+FFFD.
    public func decode(_ tokens: some Sequence<Int32>, skipsSpecial: Bool = false) -> String {
        var detokenizer = StreamingDetokenizer(self, skipsSpecial: skipsSpecial)
        var text = ""
        for token in tokens { text += detokenizer.push(token) }
        return text + detokenizer.flush()
    }
}
