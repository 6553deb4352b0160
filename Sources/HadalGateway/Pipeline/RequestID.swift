/// Names for requests, unguessable and unique: `chatcmpl-` and 24 characters.
enum RequestID {
    private static let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyz".unicodeScalars)

    static func make(_ prefix: String, _ separator: String = "-") -> String {
        var name = prefix + separator
        for _ in 0..<2 {
            // One draw for twelve characters: each is a call of the system.
            var bits = UInt64.random(in: .min ... .max)
            for _ in 0..<12 {
                name.unicodeScalars.append(alphabet[Int(bits % 36)])
                bits /= 36
            }
        }
        return name
    }
}
