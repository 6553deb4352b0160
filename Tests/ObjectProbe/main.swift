import Crypto
import Foundation
import HadalObjects

// A process for tests to kill: ObjectProbe DIRECTORY. It writes objects, of random bytes and their SHA-256, again and
// again under the same few names, and prints a dot for each.

let storage = try DirectoryStorage(CommandLine.arguments[1])
let source = CommandLine.arguments[1] + "/~source-\(getpid())"
while true {
    let body = (0..<Int.random(in: 0..<40_000)).map { _ in UInt64.random(in: 0...UInt64.max) }.withUnsafeBytes {
        Data($0)
    }
    let bytes = body + SHA256.hash(data: body)
    let name = try ObjectName("\(Int.random(in: 0..<2))/object-\(Int.random(in: 0..<2))")
    if Bool.random() {
        try await storage.put(name, bytes)
    } else {
        try bytes.write(to: URL(fileURLWithPath: source))
        let sum = SHA256.hash(data: bytes).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        try await storage.upload(name, file: source, sha256: sum) { _ in }
    }
    FileHandle.standardOutput.write(Data(".".utf8))
}
