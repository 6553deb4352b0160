/// A request's query as it is signed and sent: all but unreserved characters escaped (RFC 3986), sorted by name.
enum EscapedQuery {
    static func text(_ items: [(name: String, value: String)]) -> String {
        items.map { (escaped($0.name), escaped($0.value)) }.sorted { $0 < $1 }.map { $0 + "=" + $1 }
            .joined(separator: "&")
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            default: escaped += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return escaped
    }
}
