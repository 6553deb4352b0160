/// Names for requests, unguessable and unique: `chatcmpl-` and 24 characters.
enum RequestID {
    private static let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyz")

    static func make(_ prefix: String, _ separator: String = "-") -> String {
        var generator = SystemRandomNumberGenerator()
        return prefix + separator + String((0..<24).map { _ in alphabet.randomElement(using: &generator)! })
    }
}
