import Crypto
import Foundation

/// AWS Signature Version 4 in the header `Authorization`
/// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html).
struct RequestSigner: Sendable {
    let credentials: S3Credentials
    let region: String
    var service = "s3"

    /// What is signed of a request.
    struct Content {
        let method: String
        /// Escaped, as it is sent.
        let path: String
        /// Escaped and sorted, as it is sent.
        let query: String
        /// All of them are signed, with any case and in any order; `host` is among them.
        let headers: [(name: String, value: String)]
        /// SHA-256 of the body, in hex.
        let payloadHash: String
    }

    /// The header's value.
    /// - Parameter time: `20150830T123600Z`, as in the header `x-amz-date`.
    func authorization(_ content: Content, time: String) -> String {
        let scope = "\(time.prefix(8))/\(region)/\(service)/aws4_request"
        let (canonical, names) = Self.canonical(content)
        let toSign = "AWS4-HMAC-SHA256\n\(time)\n\(scope)\n" + Hex.text(SHA256.hash(data: Data(canonical.utf8)))
        let signature = HMAC<SHA256>.authenticationCode(for: Data(toSign.utf8), using: key(day: String(time.prefix(8))))
        return "AWS4-HMAC-SHA256 Credential=\(credentials.keyID)/\(scope), SignedHeaders=\(names), "
            + "Signature=\(Hex.text(signature))"
    }

    /// The canonical request, and the names of the signed headers.
    static func canonical(_ content: Content) -> (text: String, names: String) {
        let values = Dictionary(grouping: content.headers) { $0.name.lowercased() }
        let names = values.keys.sorted()
        let lines = names.map { name in
            name + ":" + values[name, default: []].map { folded($0.value) }.joined(separator: ",") + "\n"
        }
        let signed = names.joined(separator: ";")
        let parts = [content.method, content.path, content.query, lines.joined(), signed, content.payloadHash]
        return (parts.joined(separator: "\n"), signed)
    }

    static func time(_ date: Date) -> String {
        var text = date.ISO8601Format(.iso8601(timeZone: .gmt))
        text.removeAll { $0 == "-" || $0 == ":" }
        return text
    }

    private func key(day: String) -> SymmetricKey {
        let start = SymmetricKey(data: Data(("AWS4" + credentials.secretKey).utf8))
        return [day, region, service, "aws4_request"].reduce(start) { key, text in
            SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: key))
        }
    }

    /// Without space around it, and with single spaces in it.
    private static func folded(_ value: String) -> String {
        value.split(separator: " ").joined(separator: " ").trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

enum Hex {
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
