import Crypto
import Foundation
import HadalAccess
import HadalFirewall
import HadalWire

/// Tells a question and who asks it from all others: SHA-256 over tenant, user, and each text with its length and role.
struct ReviewDigest {
    private var hash = SHA256()

    static func of(_ question: Exchange.Question, _ principal: Principal) -> Data {
        switch question {
        case .generation(let request):
            var digest = ReviewDigest("generation", principal)
            digest.add(request.prompt)
            return digest.data
        case .embedding(let inputs):
            var digest = ReviewDigest("embedding", principal)
            for input in inputs { digest.add(input) }
            return digest.data
        }
    }

    private init(_ kind: String, _ principal: Principal) {
        add(kind)
        add(principal.tenant)
        add(principal.person)
    }

    private var data: Data { Data(hash.finalize()) }

    private mutating func add(_ prompt: WorkerRequest.Prompt) {
        if case .plain(let plain) = prompt { return add(plain) }
        for text in prompt.texts {
            add(text.role.rawValue)
            add(text.text)
        }
    }

    /// Token ids are no text, but say something all the same.
    private mutating func add(_ prompt: PlainPrompt) {
        switch prompt {
        case .text(let text):
            add("text")
            add(text)
        case .tokens(let tokens):
            add("tokens")
            tokens.map(\.littleEndian).withUnsafeBytes { add($0) }
        }
    }

    private mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
    }

    private mutating func add(_ bytes: UnsafeRawBufferPointer) {
        withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { hash.update(bufferPointer: $0) }
        hash.update(bufferPointer: bytes)
    }
}

extension Principal {
    /// Whoever asks, by whichever key.
    var person: String { userID ?? id }
}
