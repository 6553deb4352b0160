import Foundation

/// The key sets of all issuers: fetched when they are first needed and again after ten minutes, kept for a day where an
/// issuer cannot be reached, and asked for anew at most once a minute when a token names a key that is not there.
struct KeySets: Sendable {
    private struct Entry: Sendable {
        let source: TokenIssuer.KeySource
        let set: FetchedValue<KeySet>
    }

    private var entries: [String: Entry] = [:]

    /// - Parameter previous: whose sets are taken over where they come from the same place.
    init(
        issuers: [TokenIssuer], fetch: @escaping TokenVerifier.Fetch, now: @escaping @Sendable () -> Date,
        previous: KeySets? = nil
    ) {
        for issuer in issuers {
            if let entry = previous?.entries[issuer.issuer], entry.source == issuer.keySource {
                entries[issuer.issuer] = entry
            } else {
                let set = FetchedValue(now: now) { try await Self.load(for: issuer, fetch) }
                entries[issuer.issuer] = Entry(source: issuer.keySource, set: set)
            }
        }
    }

    /// The key that may have signed a token of this issuer.
    func key(for token: CompactToken, of issuer: TokenIssuer) async throws(TokenRefusal) -> SigningKey {
        guard let set = entries[issuer.issuer]?.set else { throw TokenRefusal("there is no key set for its issuer") }
        let keys: KeySet
        do {
            let kept = try await set.value()
            let isMissing = token.keyID.map { !kept.hasKey(named: $0) } ?? false
            keys = isMissing ? try await set.renewedValue() : kept
        } catch {
            let name = issuer.issuer.quotedBriefly
            throw TokenRefusal(
                "the key set of \(name) cannot be had: \("\(error)".quotedBriefly)", isTemporary: true)
        }
        return try keys.key(for: token.algorithm, id: token.keyID)
    }

    private static func load(for issuer: TokenIssuer, _ fetch: TokenVerifier.Fetch) async throws -> KeySet {
        let data: Data
        switch issuer.keySource {
        case .file(let path): data = try read(path)
        case .url(let url): data = try await get(url, fetch)
        case .discovery:
            let document = try await get(ProviderMetadata.location(of: issuer.issuer), fetch)
            data = try await get(ProviderMetadata(parsing: document, of: issuer.issuer).keySet, fetch)
        }
        return try await KeySet(parsing: data)
    }

    private static func get(_ url: URL, _ fetch: TokenVerifier.Fetch) async throws -> Data {
        guard url.isProtected else { throw TokenRefusal("\(url) is no https URL") }
        return try await fetch(url)
    }

    private static func read(_ path: String) throws -> Data {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? file.close() }
        // A byte more than may be there, so that a larger file is refused and not cut.
        return try file.read(upToCount: KeySet.sizeLimit + 1) ?? Data()
    }
}
