import Testing

@testable import HadalPrivacy

@Suite struct SecretTests {
    private static let body = "Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb3dEf6h"

    @Test(arguments: [
        "sk-\(body)", "sk-ant-api03-\(body)", "ghp_\(body)", "github_pat_\(body)", "glpat-\(body)",
        "AKIAIOSFODNN7EXAMPLE", "xoxb-123456789012-\(body)",
        "hf_\(body)", "LTAI5tAbCdEfGh12", "hadal_ab12cd34_\(body)abc", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_123",
    ])
    func tokensAreKnownByTheirBeginning(token: String) {
        #expect(found("用 \(token)。") == ["secret \(token)"])
        #expect(found("x\(token)").isEmpty)
    }

    @Test(arguments: [
        "sk-learn-is-a-library-for-learning", "AKIA", "-----BEGIN PRIVATE KEY-----", "hadal_encode_q4_k_weighted_rows",
        "ghp_short1", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0",
    ])
    func likeBeginningsAreNone(text: String) { #expect(found(text).isEmpty) }

    @Test func privateKeys() {
        let key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n0Z3VS5JJcds3xf\n-----END RSA PRIVATE KEY-----"
        #expect(found("key:\n\(key)\nend") == ["secret \(key)"])
        let cut = String(key.prefix(60))
        #expect(found("\(cut)。更多") == ["secret \(cut)"])
        #expect(found("\(cut) and so on. 更多") == ["secret \(cut)"])
        #expect(found("-----BEGIN PUBLIC KEY-----\nMIIEowIBAAKCAQEA\n-----END PUBLIC KEY-----").isEmpty)
    }

    @Test(arguments: [
        ("password=hunter22", "hunter22"), (#""password": "Tr0ub4dor&3""#, "Tr0ub4dor&3"),
        ("密码是Abc@1234，请保密", "Abc@1234"), ("支付密码：135790", "135790"),
        ("api_key: \"0f8fad5bd9cb469fa16570867728950e\"", "0f8fad5bd9cb469fa16570867728950e"),
        ("DB_PASSWORD=s3cr3t!x", "s3cr3t!x"),
        ("Authorization: Bearer 0f8fad5bd9cb469fa16570867728950e", "0f8fad5bd9cb469fa16570867728950e"),
        ("clientSecret='0f8fad5bd9cb469fa165'", "0f8fad5bd9cb469fa165"),
        ("口令 : 9f8e7d6c", "9f8e7d6c"), ("my password is hunter22.", "hunter22"),
    ])
    func valuesBehindNames(text: String, value: String) { #expect(found(text) == ["secret \(value)"]) }

    @Test(arguments: [
        "password = request.form['password']", "max_tokens=1000000", "token: 12", "password: required",
        "forgot my password 12 times", "密码长度为8位",
        "secret garden", "api_key=$API_KEY_2", "token: https://example.com/a1b2c3d4e5f6g7h8",
        "tokens: 12345678901234567",
    ])
    func otherValuesAreNone(text: String) { #expect(found(text).isEmpty, "\(found(text))") }

    @Test func wallets() {
        for address in [
            "16Yeky6GMjeNkAiNcBY7ZhrLoMSgg1BoyZ", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
            "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
            "0x52908400098527886E0F7030069857D2E4169EE7", "TJRabPrwbZy45sbavfcjinPJC18kjpRTv8",
        ] { #expect(found("pay \(address)!") == ["wallet \(address)"]) }
        for text in [
            "16Yeky6GMjeNkAiNcBY7ZhrLoMSgg1BoyZ2", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdp",
            "0x52908400098527886E0F7030069857D2E4169EE",
            "d41d8cd98f00b204e9800998ecf8427e", "3f2a8cd98f11b214e9811998ecf8427e",
        ] { #expect(found(text).isEmpty, "\(text)") }
    }
}
