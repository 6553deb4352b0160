import Foundation
import TestSupport
import Testing

@testable import HadalObjects

@Suite(.timeLimit(.minutes(15)))
struct SettingsTests {
    private static let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

    @Test func theEnvironmentComesFirst() throws {
        let settings = try S3Settings(environment: [
            "AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": Self.secret, "AWS_SESSION_TOKEN": "token",
            "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-west-2", "AWS_ENDPOINT_URL": "http://other",
            "AWS_ENDPOINT_URL_S3": "https://minio:9000", "AWS_CA_BUNDLE": "/etc/ca.pem",
        ])
        #expect(
            settings
                == S3Settings(
                    endpoint: "https://minio:9000", region: "eu-west-1",
                    credentials: S3Credentials(keyID: "AKIA", secretKey: Self.secret, sessionToken: "token"),
                    certificateAuthority: "/etc/ca.pem"))
        #expect(throws: ObjectError.self) { _ = try S3Settings(environment: ["AWS_ACCESS_KEY_ID": "AKIA"]) }
    }

    @Test func aFileOfProfilesIsRead() throws {
        let folder = try TemporaryDirectory()
        let text = """
            # a comment
            [default]
            aws_access_key_id = AKIADEFAULT
            aws_secret_access_key=\(Self.secret)
            s3 =
              addressing_style = path

            [ backup ]
            AWS_ACCESS_KEY_ID = AKIABACKUP
            aws_secret_access_key = a/b+c=
            aws_session_token = token==
            ; another
            [empty]
            """
        let file = try folder.write(Data(text.utf8), "credentials")
        var environment = ["AWS_SHARED_CREDENTIALS_FILE": file, "HOME": folder.path]
        #expect(
            try S3Credentials(environment: environment) == S3Credentials(keyID: "AKIADEFAULT", secretKey: Self.secret))
        environment["AWS_PROFILE"] = "backup"
        #expect(
            try S3Credentials(environment: environment)
                == S3Credentials(keyID: "AKIABACKUP", secretKey: "a/b+c=", sessionToken: "token=="))
        for (profile, words) in [("empty", "aws_access_key_id"), ("absent", "no profile [absent]")] {
            environment["AWS_PROFILE"] = profile
            let error = #expect(throws: ObjectError.self) { _ = try S3Credentials(environment: environment) }
            #expect("\(error!)".contains(file) && "\(error!)".contains(words))
        }
        try folder.write(Data("[default]\n\(Self.secret)\n".utf8), "credentials")
        let error = #expect(throws: ObjectError.self) { _ = try S3Credentials(environment: environment) }
        #expect("\(error!)".contains(file + ":2") && !"\(error!)".contains(Self.secret))
        let none = folder.path + "/.aws/credentials"
        #expect(throws: ObjectError.noCredentials(file: none)) {
            _ = try S3Credentials(environment: ["HOME": folder.path])
        }
    }

    @Test func secretsAreNotShown() throws {
        let credentials = S3Credentials(keyID: "AKIA", secretKey: Self.secret, sessionToken: "token-of-session")
        var shown = "\(credentials) \(String(reflecting: credentials)) \(S3Settings(credentials: credentials))"
        dump(credentials, to: &shown)
        let storage = try S3Storage("bucket", S3Settings(credentials: credentials))
        shown += "\(storage.place) \(credentials.hidden(in: "<\(Self.secret)> <token-of-session>"))"
        #expect(!shown.contains(Self.secret) && !shown.contains("token-of-session"))
        #expect(throws: ObjectError.self) {
            _ = try S3Credentials(environment: ["AWS_ACCESS_KEY_ID": "A\r\nB", "AWS_SECRET_ACCESS_KEY": "x"])
        }
    }

    @Test func requestsGoWhereTheBucketIs() throws {
        let credentials = S3Credentials(keyID: "AKIA", secretKey: "secret")
        func endpoint(_ endpoint: String?, _ region: String, _ bucket: String, path: Bool? = nil) throws -> String {
            let place = try S3Endpoint(
                bucket: bucket,
                S3Settings(endpoint: endpoint, region: region, usesPathStyle: path, credentials: credentials))
            return place.shown + place.path("key")
        }
        #expect(try endpoint(nil, "eu-west-1", "b1k") == "https://b1k.s3.eu-west-1.amazonaws.com/key")
        #expect(try endpoint(nil, "eu-west-1", "my.bucket") == "https://s3.eu-west-1.amazonaws.com/my.bucket/key")
        #expect(try endpoint(nil, "cn-north-1", "b1k") == "https://b1k.s3.cn-north-1.amazonaws.com.cn/key")
        #expect(try endpoint("http://Minio:9000/", "x", "b1k") == "http://minio:9000/b1k/key")
        #expect(try endpoint("https://[::1]:9000/s3/", "x", "b1k") == "https://[::1]:9000/s3/b1k/key")
        #expect(try endpoint("https://r2.example", "auto", "b1k", path: false) == "https://b1k.r2.example/key")
        for bad in [
            "minio:9000", "ftp://minio", "http://user:password@minio", "http://", "http://a b", "http://a/?x=1",
        ] {
            let error = #expect(throws: ObjectError.self, "\(bad)") { _ = try endpoint(bad, "x", "b1k") }
            #expect(!"\(error!)".contains("password@"))
        }
        #expect(throws: ObjectError.self) { _ = try endpoint(nil, "evil.example/", "b1k") }
    }

    @Test func aFileOfCertificatesMustHoldSome() throws {
        let folder = try TemporaryDirectory()
        let file = try folder.write(Data("nothing".utf8), "ca.pem")
        let settings = S3Settings(
            credentials: S3Credentials(keyID: "AKIA", secretKey: "secret"), certificateAuthority: file)
        let error = #expect(throws: ObjectError.self) { _ = try S3Storage("bucket", settings) }
        #expect("\(error!)".contains(file))
    }

    @Test func partsAreFewAndCoverAll() throws {
        let name = try ObjectName("a")
        for size in [(64 << 20) + 1, 1 << 30, 160_000 << 20, (160_000 << 20) + 1, 5 << 40] as [Int64] {
            let parts = try PartSizes().parts(of: size, name, "s3://bucket")
            #expect(parts.count <= 10_000 && parts.first?.lowerBound == 0 && parts.last?.upperBound == size)
            #expect(zip(parts, parts.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
            #expect(parts.dropLast().allSatisfy { $0.count >= 5 << 20 && $0.count <= 5 << 30 })
        }
        #expect(throws: ObjectError.self) { _ = try PartSizes().parts(of: 51_000 << 30, name, "s3://bucket") }
    }
}
