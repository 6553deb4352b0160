import Foundation

/// A file of profiles as AWS's programs share it: `[PROFILE]`, then `key = value` lines.
struct SharedCredentialsFile {
    private static let bytesMax = 1 << 20

    let path: String
    private(set) var profiles: [String: [String: String]] = [:]

    init(_ path: String) throws(ObjectError) {
        self.path = path
        let (file, size) = try OpenFile.source(path)
        guard size <= Self.bytesMax else { throw .badSetting(source: path, problem: "is too large for credentials") }
        guard let text = String(validating: try file.whole(at: 0, count: Int(size)), as: UTF8.self) else {
            throw .badSetting(source: path, problem: "is no text (UTF-8)")
        }
        var profile: String?
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let source = "\(path):\(index + 1)"
            let words = line.trimmingCharacters(in: .whitespaces)
            if words.isEmpty || words.hasPrefix("#") || words.hasPrefix(";") { continue }
            if words.hasPrefix("[") {
                guard words.hasSuffix("]") else { throw .badSetting(source: source, problem: "lacks the closing ]") }
                let name = words.dropFirst().dropLast().trimmingCharacters(in: .whitespaces)
                profile = name
                profiles[name, default: [:]] = [:]
                continue
            }
            // Lines of nested settings belong to what stands before them.
            if line.first?.isWhitespace == true { continue }
            guard let equals = words.firstIndex(of: "="), let profile else {
                throw .badSetting(source: source, problem: "is neither [PROFILE] nor key = value below one")
            }
            let key = words[..<equals].trimmingCharacters(in: .whitespaces).lowercased()
            profiles[profile]?[key] = words[words.index(after: equals)...].trimmingCharacters(in: .whitespaces)
        }
    }

    func credentials(profile: String) throws(ObjectError) -> S3Credentials {
        guard let values = profiles[profile] else {
            throw .badSetting(source: path, problem: "has no profile [\(profile)] (AWS_PROFILE)")
        }
        func value(_ key: String) throws(ObjectError) -> String {
            guard let value = values[key], !value.isEmpty else {
                throw .badSetting(source: path, problem: "the profile [\(profile)] has no \(key)")
            }
            return value
        }
        return S3Credentials(
            keyID: try value("aws_access_key_id"), secretKey: try value("aws_secret_access_key"),
            sessionToken: values["aws_session_token"])
    }
}
