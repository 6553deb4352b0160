import Foundation

/// `application/x-www-form-urlencoded`, as queries and forms have it.
enum FormFields {
    /// Bytes of a query that a browser brings back.
    static let sizeLimit = 8 << 10

    private static let unreserved = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)

    static func encode(_ fields: [(name: String, value: String)]) -> String {
        fields.map { encode($0.name) + "=" + encode($0.value) }.joined(separator: "&")
    }

    static func encode(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            if unreserved.contains(byte) {
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                encoded += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }

    /// - Throws: where a name is there twice (RFC 6749 section 3.1), of which others may believe the other one.
    static func decode(_ query: String) throws(TokenRefusal) -> [String: String] {
        guard query.utf8.count <= sizeLimit else { throw TokenRefusal("the query has more than \(sizeLimit) bytes") }
        var fields: [String: String] = [:]
        for field in query.split(separator: "&") {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let decoded = parts.map { $0.replacing("+", with: " ").removingPercentEncoding }
            guard let name = decoded[0], let value = decoded.count > 1 ? decoded[1] : "" else {
                throw TokenRefusal("the query is not UTF-8 in percent-encoding")
            }
            guard fields.updateValue(value, forKey: name) == nil else {
                throw TokenRefusal("the query has \(name.quotedBriefly) twice")
            }
        }
        return fields
    }
}
