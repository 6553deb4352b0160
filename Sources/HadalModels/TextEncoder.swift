import HadalCompute

/// A model that turns a text into one vector: one file per architecture implements it.
public protocol TextEncoder: AnyObject, Sendable {
    var description: ModelDescription { get }
    /// Numbers in a vector.
    var width: Int { get }
    /// The longest text, in tokens with those that stand around it. What is longer has to be cut by the caller.
    var maximumTokens: Int { get }
    /// One vector for each text; token ids as the tokenizer's `encodeWhole` gives them. A text's vector does not depend
    /// on the others.
    ///
    /// One call at a time.
    ///
    /// - Throws: `ModelError.tooManyTokens` for an empty or a too long text, `ModelError.tokenOutsideVocabulary`.
    func embed(_ texts: [[Int32]]) throws -> [[Float]]
}
