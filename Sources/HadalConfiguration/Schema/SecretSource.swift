/// Where a secret is: never the secret itself.
public struct SecretSource: Sendable, Hashable {
    /// The path of a file that holds it and nothing else; a line feed at its end is not part of it.
    public var file: String?
    /// The name of an environment variable.
    public var environmentVariable: String?

    public init(file: String? = nil, environmentVariable: String? = nil) {
        self.file = file
        self.environmentVariable = environmentVariable
    }

    public var isGiven: Bool { file != nil || environmentVariable != nil }

    /// Secrets are short; what is longer is another file.
    public static let bytesLimit = 64 << 10

    /// Reads the secret anew, so that a file that was replaced counts.
    /// - Throws: `SecretSourceError`, which names the place and never what is there.
    public func read(environment: [String: String]) throws(SecretSourceError) -> [UInt8] {
        if let environmentVariable {
            guard let text = environment[environmentVariable], !text.isEmpty else {
                throw SecretSourceError(
                    description: "the environment variable \(environmentVariable) is not set; put the secret there")
            }
            return Array(text.utf8)
        }
        guard let file else { throw SecretSourceError(description: "no file or environment variable is given") }
        guard var bytes = FileBytes.read(file, limit: Self.bytesLimit) else {
            throw SecretSourceError(
                description: "\(file) cannot be read; put the secret there, readable for the server's user alone")
        }
        guard bytes.count <= Self.bytesLimit else {
            throw SecretSourceError(description: "\(file) is larger than 64KiB; it should hold the secret alone")
        }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard !bytes.isEmpty else { throw SecretSourceError(description: "\(file) is empty; put the secret there") }
        return bytes
    }
}

/// A secret that cannot be had.
public struct SecretSourceError: Error, Sendable, Hashable, CustomStringConvertible {
    public var description: String
}

extension Findings {
    /// Tells where a secret is in no place although one is wanted.
    mutating func need(_ source: SecretSource, _ key: String, for what: String) {
        if !source.isGiven {
            let name = SettingPath.key(of: key)
            add(key + "_file", "\(what) needs it", "write '\(name)_file: PATH' or '\(name)_env: NAME'")
        }
    }
}
