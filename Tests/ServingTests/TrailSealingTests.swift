import Foundation
import HadalAudit
import HadalConfiguration
import HadalGateway
import Testing

/// The audit trail of a data directory whose audit is encrypted.
@Suite(.timeLimit(.minutes(15))) struct TrailSealingTests {
    private static let question = #"[{"role":"user","content":"one quagga"}]"#

    @Test func aSealedTrailTellsNothingAndGoesOnSealed() async throws {
        try await EncryptedData.run { data in
            for purposes in [[.audit], []] as [[SecretsSettings.Purpose]] {
                let encryption = try await data.open(purposes)
                try await Serving.run {
                    $0.dataDirectory = data.url.path
                    $0.encryption = encryption
                    $0.audit = AuditTrailConfiguration()
                    try! $0.set(TrailServing.keepAll)
                } _: { serving in
                    let status = try await serving.chat("", Self.question).status
                    #expect(status == 200)
                }
            }
            for text in ["quagga", "chat/completions", "trail.open"] {
                #expect(try data.files(with: text).filter { $0.contains("/audit/") } == [], "\(text)")
            }
            var query = AuditQuery()
            query.kinds = [.request]
            let keys = try await data.open().keys
            let records = try AuditSearch(data: data.url.path, keys: keys).page(query)
            let contents = try AuditContents(data: data.url.path, keys: keys)
            #expect(records.count == 2)
            for record in records { #expect(try contents.input(of: record).contains("one quagga")) }
            #expect(throws: AuditError.self) { try AuditSearch(data: data.url.path).page(query) }
            // The chain needs no keys.
            #expect(try TrailServing.isValid(data.url))
        }
    }
}
