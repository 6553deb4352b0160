import Foundation

/// How a bucket is reached.
public struct S3Settings: Sendable, Hashable {
    /// `https://HOST[:PORT][/PATH]`; nil: AWS.
    public var endpoint: String?
    public var region: String
    /// The bucket in the path rather than in the host's name; nil: where an endpoint is given.
    public var usesPathStyle: Bool?
    public var credentials: S3Credentials
    /// A file of certificates (PEM) that are trusted in place of the system's.
    public var certificateAuthority: String?

    public init(
        endpoint: String? = nil, region: String = "us-east-1", usesPathStyle: Bool? = nil, credentials: S3Credentials,
        certificateAuthority: String? = nil
    ) {
        self.endpoint = endpoint
        self.region = region
        self.usesPathStyle = usesPathStyle
        self.credentials = credentials
        self.certificateAuthority = certificateAuthority
    }

    /// From the variables that AWS's programs know: AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL, AWS_REGION or
    /// AWS_DEFAULT_REGION, AWS_CA_BUNDLE, and those of the credentials.
    public init(environment: [String: String]) throws(ObjectError) {
        func value(_ names: String...) -> String? { names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty } }
        self.init(
            endpoint: value("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"),
            region: value("AWS_REGION", "AWS_DEFAULT_REGION") ?? "us-east-1",
            credentials: try S3Credentials(environment: environment), certificateAuthority: value("AWS_CA_BUNDLE"))
    }
}
