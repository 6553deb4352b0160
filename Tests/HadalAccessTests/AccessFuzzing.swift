import Dispatch
import Foundation
import HadalJSON

@testable import HadalAccess

/// What a fuzzer does with one input to a parser of what strangers and issuers send. Compiled into the tests and (by
/// Fuzz/run.sh) into the fuzzer.
enum AccessFuzzing {
    /// Addresses, ranges and headers of proxies, each on a line of its own.
    static func addresses(_ bytes: some Collection<UInt8>) {
        let lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\n")
        for line in lines {
            if let address = IPAddress(line) {
                precondition(IPAddress(address.description) == address, "an address is written as another")
            }
            if let range = try? AddressRange(line) {
                precondition((try? AddressRange(range.description)) == range, "a range is written as another")
            }
        }
        guard let everybody = try? AddressRange.list(["0.0.0.0/0", "::/0"]).map(\.description) else { return }
        for header in TrustedProxies.Header.allCases {
            guard let peer = IPAddress("192.0.2.1"), let proxies = try? TrustedProxies(everybody, header: header) else {
                preconditionFailure("they are right")
            }
            _ = proxies.client(peer: peer, lines)
        }
    }

    /// A token as it comes; or, as the fuzzer cannot guess base64url, its header and its claims as two lines of JSON.
    static func token(_ bytes: some Collection<UInt8>) {
        let text = String(decoding: bytes, as: UTF8.self)
        check(text)
        let parts = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2 {
            check(parts.map { Base64URL.encode(Data($0.utf8)) }.joined(separator: ".") + ".c2lnbmF0dXJl")
        }
    }

    private static func check(_ text: String) {
        guard let token = try? CompactToken(text) else { return }
        precondition(!token.signature.isEmpty && text.utf8.count <= CompactToken.sizeLimit)
        var issuer = TokenIssuer(issuer: "https://a.example", audiences: ["hadal"])
        issuer.maximumAge = 60
        issuer.requiredClaims = ["environment": "production"]
        let checks = ClaimChecks(issuer: issuer, token: token, now: Date(timeIntervalSince1970: 1_800_000_000))
        _ = try? checks.all(for: .access)
        for path in ["sub", "realm_access.roles", "scope", ""] {
            _ = try? token.claims.name(at: path)
            _ = try? token.claims.roles(at: path)
        }
    }

    /// A JWK set.
    static func keySet(_ bytes: some Collection<UInt8>) {
        let data = Data(bytes)
        let done = DispatchSemaphore(value: 0)
        Task.detached {
            if let set = try? await KeySet(parsing: data) {
                precondition(set.keys.count + set.ignored.count <= KeySet.countLimit)
                for algorithm in TokenAlgorithm.allCases {
                    for id in [nil, "a"] {
                        guard let key = try? set.key(for: algorithm, id: id) else { continue }
                        precondition(!key.isValid(Data(repeating: 1, count: 64), by: algorithm, signs: data))
                    }
                }
            }
            done.signal()
        }
        done.wait()
    }
}
