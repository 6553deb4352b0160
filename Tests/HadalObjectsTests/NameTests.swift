import Foundation
import TestSupport
import Testing

@testable import HadalObjects

@Suite(.timeLimit(.minutes(15)))
struct NameTests {
    @Test func namesAreCheckedBeforeTheyGoAnywhere() throws {
        for good in ["a", "A-z_0.9", "a/b/c", ".a/..b/c.", String(repeating: "x", count: 255)] {
            #expect(try ObjectName(good).text == good)
        }
        let long = Array(repeating: "x", count: 257).joined(separator: "/")
        for bad in [
            "", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "./a", "a b", "a\\b", "ä", "a\0b", "a\n", "~a", "a%2fb",
            long,
            String(repeating: "x", count: 256),
        ] {
            let error = #expect(throws: ObjectError.self) { _ = try ObjectName(bad) }
            guard case .badName(bad, _) = error else {
                Issue.record("\(bad): \(String(describing: error))")
                continue
            }
        }
    }

    @Test func aPlaceOpensItsStorage() throws {
        let folder = try TemporaryDirectory()
        let (path, settings) = (folder.file("a"), S3Settings(credentials: S3Credentials(keyID: "AKIA", secretKey: "b")))
        #expect(throws: ObjectError.noPlace(path)) { _ = try ObjectPlace(path).storage() }
        #expect(try ObjectPlace(path).storage(creating: true).place == path)
        let storage = try ObjectPlace("s3://bucket/a/").storage { () throws(ObjectError) in settings }
        #expect(storage.place == "s3://bucket/a")
    }

    @Test func placesAreReadAsPeopleWriteThem() throws {
        let here = FileManager.default.currentDirectoryPath
        let places: [(String, ObjectPlace)] = [
            ("/mnt/backup", .directory(path: "/mnt/backup")), ("/mnt/backup/", .directory(path: "/mnt/backup")),
            ("file:///mnt/my%20disk", .directory(path: "/mnt/my disk")), ("there", .directory(path: here + "/there")),
            ("s3://bucket", .bucket("bucket", prefix: "")), ("s3://bucket/", .bucket("bucket", prefix: "")),
            ("S3://my.bucket-1/a/b/", .bucket("my.bucket-1", prefix: "a/b")),
        ]
        for (text, place) in places { #expect(try ObjectPlace(text) == place, "\(text)") }
        #expect("\(try ObjectPlace("s3://bucket/a/b/"))" == "s3://bucket/a/b")
        for bad in [
            "", "s3://", "s3:///a", "s3://b", "s3://bucket/a/../b", "s3://bucket//a", "s3://buc ket/a", "file://host/a",
            "https://host/bucket", "ftp://host", "a\0b",
        ] {
            #expect(throws: ObjectError.self, "\(bad)") { _ = try ObjectPlace(bad) }
        }
    }
}
