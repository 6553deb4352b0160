import Foundation
import TestSupport
import Testing

@testable import HadalObjects

@Suite(.timeLimit(.minutes(15)))
struct SignerTests {
    private static let emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    /// AWS's test suite for Signature Version 4 (aws-sig-v4-test-suite): keys, time and figures are published there.
    @Test(
        arguments: [
            ("GET", "", [], "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
            (
                "GET", "Param1=value1&Param2=value2", [],
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
            ),
            ("POST", "", [], "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
            (
                "GET", "", [("My-Header1", " value1"), ("My-Header2", " \"a   b   c\"")],
                "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"
            ),
        ] as [(String, String, [(String, String)], String)])
    func signaturesAreThoseOfAWSTestSuite(
        method: String, query: String, headers: [(String, String)], signature: String
    ) {
        let signer = RequestSigner(
            credentials: S3Credentials(
                keyID: "AKIDEXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            region: "us-east-1", service: "service")
        let content = RequestSigner.Content(
            method: method, path: "/", query: query,
            headers: headers.map { ($0.0, $0.1) } + [
                ("Host", "example.amazonaws.com"), ("X-Amz-Date", "20150830T123600Z"),
            ], payloadHash: Self.emptyHash)
        let header = signer.authorization(content, time: "20150830T123600Z")
        #expect(header.hasSuffix("Signature=" + signature), "\(header)")
        #expect(header.hasPrefix("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "))
    }

    /// The examples of S3's manual (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html).
    @Test(
        arguments: [
            (
                "GET", "/test.txt", "", [("range", "bytes=0-9")], emptyHash,
                "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
            ),
            (
                "PUT", "/test%24file.text", "",
                [("date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")],
                "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
                "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
            ),
            (
                "GET", "/", "lifecycle=", [], emptyHash,
                "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
            ),
            (
                "GET", "/", "max-keys=2&prefix=J", [], emptyHash,
                "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
            ),
        ] as [(String, String, String, [(String, String)], String, String)])
    func signaturesAreThoseOfS3Examples(
        method: String, path: String, query: String, headers: [(String, String)], hash: String, signature: String
    ) {
        let signer = RequestSigner(
            credentials: S3Credentials(
                keyID: "AKIAIOSFODNN7EXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            region: "us-east-1")
        let content = RequestSigner.Content(
            method: method, path: path, query: query,
            headers: headers.map { ($0.0, $0.1) } + [
                ("host", "examplebucket.s3.amazonaws.com"), ("x-amz-date", "20130524T000000Z"),
                ("x-amz-content-sha256", hash),
            ], payloadHash: hash)
        #expect(signer.authorization(content, time: "20130524T000000Z").hasSuffix("Signature=" + signature))
    }

    private struct Sent: Encodable {
        var id: String
        var secret: String
        var token: String
        var region: String
        var method: String
        var url: String
        var headers: [[String]]
        var time: String
    }

    @Test func randomRequestsAreSignedAsBotocoreDoes() throws {
        var random = SplitMix(state: 11)
        func text(_ letters: String, _ count: ClosedRange<Int>) -> String {
            String((0..<Int.random(in: count, using: &random)).map { _ in letters.randomElement(using: &random)! })
        }
        let plain = "abcXYZ019-_."
        var (sent, ours) = ([Sent](), [String]())
        for _ in 0..<200 {
            let credentials = S3Credentials(
                keyID: "AKIA" + text("ABC234567", 1...16), secretKey: text(plain + "/+", 1...40),
                sessionToken: text(plain + "/+=", 1...80))
            let region = ["us-east-1", "eu-central-1", "garage"].randomElement(using: &random)!
            let path =
                "/"
                + (0..<Int.random(in: 1...4, using: &random)).map { _ in "n" + text(plain, 0...12) }
                .joined(separator: "/")
            let items = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                (name: text(plain, 1...6), value: text(plain + "/+=&? %äé~*!'()", 0...10))
            }
            let query = EscapedQuery.text(items)
            let time = RequestSigner.time(
                Date(timeIntervalSince1970: .random(in: 1_400_000_000...2_000_000_000, using: &random)))
            let hash = Hex.text((0..<32).map { _ in UInt8.random(in: 0...255, using: &random) })
            var headers = [
                ("host", "minio.internal:9000"), ("x-amz-date", time), ("x-amz-content-sha256", hash),
                ("x-amz-security-token", credentials.sessionToken!),
            ]
            if Bool.random(using: &random) {
                headers.append(("range", "bytes=0-\(Int.random(in: 0...99, using: &random))"))
            }
            if Bool.random(using: &random) { headers.append(("content-md5", text(plain + "=", 24...24))) }
            let method = ["GET", "PUT", "POST", "DELETE", "HEAD"].randomElement(using: &random)!
            let signer = RequestSigner(credentials: credentials, region: region)
            ours.append(
                signer.authorization(
                    .init(
                        method: method, path: path, query: query, headers: headers.map { ($0.0, $0.1) },
                        payloadHash: hash),
                    time: time))
            sent.append(
                Sent(
                    id: credentials.keyID, secret: credentials.secretKey, token: credentials.sessionToken!,
                    region: region,
                    method: method, url: "http://minio.internal:9000" + path + (query.isEmpty ? "" : "?" + query),
                    headers: headers.map { [$0.0, $0.1] }, time: time))
        }
        let (process, input, output) = try Python.start("signer.py")
        // Its answers are read once it has all the questions: they fit the pipe's buffer only if it waits.
        let questions = try sent.map { try JSONEncoder().encode($0) + Data("\n".utf8) }.reduce(Data(), +)
        let writer = Thread {
            try? input.write(contentsOf: questions)
            try? input.close()
        }
        writer.start()
        let answers = String(decoding: try output.readToEnd() ?? Data(), as: UTF8.self).split(separator: "\n").map(
            String.init)
        process.waitUntilExit()
        #expect(answers.count == ours.count)
        for (theirs, ours) in zip(answers, ours) { #expect(theirs == ours) }
    }
}
