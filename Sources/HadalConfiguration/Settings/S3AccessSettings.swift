import Foundation
import HadalJSON

/// How the bucket is reached, where AWS's environment variables do not say it.
public struct S3AccessSettings: SettingsSection {
    public var endpoint: URL?
    public var region: String?
    public var credentialsFile: String?
    public var profile: String?
    public var ca: String?

    public init() {}

    static let entries: [Entry<S3AccessSettings>] = [
        .setting(
            "endpoint", \.endpoint, .optional(.url(example: "https://minio.example.org:9000")), .restart,
            shownDefault: "AWS_ENDPOINT_URL, or AWS", "The server's address."),
        .setting(
            "region", \.region, .optional(.word("region", example: "eu-central-1") { !$0.isWhitespace }), .restart,
            shownDefault: "AWS_REGION, or us-east-1", "The bucket's region."),
        .setting(
            "credentials_file", \.credentialsFile, .optional(.path(example: "/etc/hadal/s3-credentials")), .restart,
            shownDefault: "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or ~/.aws/credentials",
            "The file with the access key, as AWS's programs have it. Only the server's user should be able to read it."
        ),
        .setting(
            "profile", \.profile, .optional(.word("profile", example: "backup") { !$0.isWhitespace }), .restart,
            shownDefault: "AWS_PROFILE, or default", "Which of the file's profiles."),
        .setting(
            "ca", \.ca, .optional(.path(example: "/etc/hadal/s3-ca.pem")), .restart,
            shownDefault: "AWS_CA_BUNDLE, or those the system trusts",
            "CA certificates, as PEM, that the server's must come from."),
    ]
}

extension ValueType<String> {
    /// Where objects are kept: relative directories begin at the configuration's.
    static var objectPlace: ValueType {
        .scalar("directory or s3://BUCKET[/PREFIX]", example: "s3://backups/hadal") {
            text, directory throws(WrongValue) in
            guard !text.isEmpty, text.utf8.count < 4096 else {
                throw WrongValue(problem: "no place", advice: "write a directory, or s3://BUCKET/PREFIX")
            }
            return text.contains("://") ? text : PathText.absolute(text, in: directory)
        } json: {
            .string($0)
        }
    }
}
