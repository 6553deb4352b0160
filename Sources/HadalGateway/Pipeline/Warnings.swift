import HTTPTypes

/// Tells a client what of its request made no difference, where it may count on it.
enum Warnings {
    static let header = HTTPField.Name("X-Hadal-Warning")!

    static func headers(_ ignored: [String]) -> HTTPFields {
        var headers = HTTPFields()
        if !ignored.isEmpty { headers[header] = "ignored: " + ignored.joined(separator: ", ") }
        return headers
    }
}
