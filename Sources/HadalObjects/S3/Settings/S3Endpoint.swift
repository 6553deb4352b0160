import Foundation

/// Where a bucket's requests go.
struct S3Endpoint: Sendable, Hashable {
    /// `https` or `http`
    let scheme: String
    /// The header `Host`: with the port where one is given.
    let host: String
    /// Before the key: empty, `/BUCKET` or `/PATH/BUCKET`.
    private let base: String

    /// For people.
    var shown: String { scheme + "://" + host }

    init(bucket: String, _ settings: S3Settings) throws(ObjectError) {
        let isRegion = !settings.region.isEmpty && settings.region.wholeMatch(of: /[A-Za-z0-9-]{1,64}/) != nil
        guard isRegion else {
            throw .badSetting(source: "AWS_REGION", problem: "'\(ObjectError.line(settings.region))' is no region")
        }
        let host: String
        let path: String
        if let endpoint = settings.endpoint {
            (scheme, host, path) = try Self.parse(endpoint)
        } else {
            let domain = settings.region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
            (scheme, host, path) = ("https", "s3.\(settings.region).\(domain)", "")
        }
        // AWS's certificates do not cover a bucket's name with dots before its domain.
        if settings.usesPathStyle ?? (settings.endpoint != nil || bucket.contains(".")) {
            self.host = host
            base = path + "/" + bucket
        } else {
            self.host = bucket + "." + host
            base = path
        }
    }

    /// - Parameter key: nil: the bucket itself.
    func path(_ key: String?) -> String { key.map { base + "/" + $0 } ?? (base.isEmpty ? "/" : base) }

    private static func parse(_ text: String) throws(ObjectError) -> (scheme: String, host: String, path: String) {
        // The text itself is not shown: it may hold a password.
        func bad(_ problem: String) -> ObjectError {
            .badSetting(source: "AWS_ENDPOINT_URL", problem: problem + "; it is https://HOST[:PORT]")
        }
        guard let match = text.wholeMatch(of: /([a-zA-Z]+):\/\/([^\/?#]+)([^?#]*)/) else { throw bad("is no address") }
        let scheme = match.1.lowercased()
        guard ["http", "https"].contains(scheme) else { throw bad("has the unknown scheme \(scheme)") }
        guard !match.2.contains("@") else { throw bad("holds a name or password, which has no use here") }
        guard match.2.wholeMatch(of: /([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?/) != nil else {
            throw bad("has an unreadable host")
        }
        let path = match.3.split(separator: "/").map(String.init)
        guard path.allSatisfy({ ObjectName.problem($0) == nil }) else { throw bad("has an unreadable path") }
        return (scheme, match.2.lowercased(), path.map { "/" + $0 }.joined())
    }
}
