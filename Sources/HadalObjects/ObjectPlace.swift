import Foundation

/// Where objects are kept, as people write it.
public enum ObjectPlace: Sendable, Hashable {
    /// - path: absolute.
    case directory(path: String)
    /// - prefix: before each name, with a `/` between; empty: none.
    case bucket(String, prefix: String)

    /// - Parameter text: a path, `file:///PATH` or `s3://BUCKET[/PREFIX]`.
    /// - Throws: `ObjectError.badPlace`
    public init(_ text: String) throws(ObjectError) {
        guard !text.isEmpty else { throw .badPlace(text, problem: "is empty") }
        guard !text.utf8.contains(0) else { throw .badPlace(text, problem: "holds a zero byte") }
        guard let colon = text.firstRange(of: "://") else {
            self = .directory(path: URL(fileURLWithPath: text).standardizedFileURL.path)
            return
        }
        let rest = text[colon.upperBound...]
        switch text[..<colon.lowerBound].lowercased() {
        case "file":
            guard rest.hasPrefix("/"), let path = rest.removingPercentEncoding, !path.utf8.contains(0) else {
                throw .badPlace(text, problem: "names no directory of this machine (three '/')")
            }
            self = .directory(path: URL(fileURLWithPath: path).standardizedFileURL.path)
        case "s3": self = try Self.bucket(rest, in: text)
        case "http", "https":
            throw .badPlace(text, problem: "is an address; it goes to AWS_ENDPOINT_URL, and s3://BUCKET is the place")
        default: throw .badPlace(text, problem: "has an unknown scheme")
        }
    }

    private static func bucket(_ rest: Substring, in text: String) throws(ObjectError) -> ObjectPlace {
        let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let bucket = String(parts[0])
        guard (3...63).contains(bucket.utf8.count), ObjectName.problem(bucket) == nil else {
            throw .badPlace(text, problem: "names no bucket (3 to 63 of a-z 0-9 . -)")
        }
        var prefix = parts.count > 1 ? parts[1] : ""
        if prefix.hasSuffix("/") { prefix.removeLast() }
        if !prefix.isEmpty, let problem = ObjectName.problem(String(prefix)) {
            throw .badPlace(text, problem: "has a prefix that \(problem)")
        }
        return .bucket(bucket, prefix: String(prefix))
    }

    /// - Parameters:
    ///   - creating: makes a directory that is not there, where the one above it is. A bucket is never made.
    ///   - settings: for buckets.
    public func storage(
        creating: Bool = false,
        settings: () throws(ObjectError) -> S3Settings = { () throws(ObjectError) in
            try S3Settings(environment: ProcessInfo.processInfo.environment)
        }
    ) throws(ObjectError) -> any ObjectStorage {
        switch self {
        case .directory(let path): try DirectoryStorage(path, creating: creating)
        case .bucket(let bucket, let prefix): try S3Storage(bucket, prefix: prefix, settings())
        }
    }
}

extension ObjectPlace: CustomStringConvertible {
    public var description: String {
        switch self {
        case .directory(let path): path
        case .bucket(let bucket, let prefix): "s3://" + bucket + (prefix.isEmpty ? "" : "/" + prefix)
        }
    }
}
