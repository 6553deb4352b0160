import Crypto
import Foundation

/// Who gets which requests of an alias: one value that a router takes over at once, and asks for each request.
public struct Traffic: Sendable, Hashable, Codable {
    /// A part of the requests that the shadow answers too, for nobody.
    public struct Mirror: Sendable, Hashable, Codable {
        public var version: Int
        public var share: TrafficShare
    }

    /// A later value has a higher one; a router ignores what is not later than what it has.
    public var revision: Int64
    public var allocation: Allocation
    public var stickiness: Stickiness
    public var mirror: Mirror?
    /// Makes the choice independent of those of other rollouts. Secret, so that nobody can choose a version by choosing
    /// a name.
    public var salt: Data

    public static let none = Traffic(
        revision: 0, allocation: .none, stickiness: .user, mirror: nil, salt: Data())

    /// - Parameter subject: the user's or tenant's identifier (`stickiness`), or the request's where there is none.
    /// - Returns: nil where no version serves.
    public func version(for subject: String) -> Int? { allocation.version(at: place(of: subject, "version")) }

    /// Whether the mirror answers a request too.
    /// - Parameter request: its identifier: each request is chosen for itself.
    public func isMirrored(_ request: String) -> Bool {
        guard let mirror else { return false }
        return place(of: request, "mirror") < mirror.share.basisPoints
    }

    /// Uniform in 0 to 9999: the first 64 bits of HMAC-SHA256, of which the remainder is off by less than 10⁻¹⁵.
    private func place(of subject: String, _ use: String) -> Int {
        let code = HMAC<SHA256>.authenticationCode(
            for: Data((use + "\u{0}" + subject).utf8), using: SymmetricKey(data: salt))
        let number = code.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int(number % 10_000)
    }
}
