import HadalCompute

/// A model that turns a text into one vector: one file per architecture implements it.
public protocol TextEncoder: AnyObject, Sendable {
    var description: ModelDescription { get }
    /// Numbers in a vector.
    var width: Int { get }
    /// The longest text, in tokens with those that stand around it.
    var contextLength: Int { get }
    var vocabularySize: Int { get }
    /// One vector for each text; token ids as the tokenizer's `encodeWhole` gives them. A text's vector does not depend
    /// on the others. Calls from several threads wait for each other.
    ///
    /// An empty text, one longer than `contextLength` and ids outside the vocabulary are the caller's errors and trap.
    func encode(_ texts: [[Int32]]) -> [[Float]]
}
