import Testing

@testable import HadalPrivacy

@Suite struct NumberTests {
    @Test(arguments: [
        "622202379088969", "6217004919232752361", "411111111111111", "555555555555444", "37144963539843",
        "3056930902590", "222300312200322",
    ])
    func cardsAreFoundByIssuerAndCheckDigit(digits: String) {
        let number = digits.count == 19 ? card(String(digits.dropLast())) : card(digits)
        #expect(found("pay with \(number) now") == ["bank_card \(number)"])
        let wrong = String(number.dropLast()) + String(((number.last?.wholeNumberValue ?? 0) + 1) % 10)
        #expect(found("银行卡号：\(wrong)").isEmpty)
        #expect(found("银行卡号：\(wrong)", minimum: .doubtful).contains("bank_card \(wrong)"))
    }

    @Test func cardsOfOtherIssuersNeedAWord() {
        let number = card("18002049700575")
        #expect(found("my card # \(number)") == ["bank_card \(number)"])
        #expect(found("order \(number)").isEmpty)
    }

    @Test(arguments: [
        "4111 1111 1111 1111", "4111-1111-1111-1111", "3714 496353 98431", "４１１１　１１１１　１１１１　１１１１",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
    ])
    func groupsOfCardsAreRead(text: String) {
        #expect(found("card \(text).") == ["bank_card \(text)"])
    }

    @Test(arguments: [
        "4111 1111 1111 1111 2222 3333", "9999 4111 1111 1111 1111", "4111 1111-1111 1111", "41111111111111110",
        "x4111111111111111", "0.4111111111111111", "0000000000000000",
    ])
    func rowsAndPartsOfNumbersAreNoCards(text: String) {
        #expect(found(text).isEmpty)
    }

    @Test func socialSecurityNumbers() {
        #expect(found("mine is 078-05-1123.") == ["ssn 078-05-1123"])
        #expect(found("SSN: 123456789") == ["ssn 123456789"])
        #expect(found("number 123456789").isEmpty)
        for wrong in [
            "000-12-3456", "666-12-3456", "900-12-3456", "123-00-3456", "123-45-0000", "123-45-67890", "1123-45-6789",
            "512 64 1024",
        ] {
            #expect(found("SSN-like \(wrong)").isEmpty || wrong == "512 64 1024", "\(wrong)")
        }
        #expect(found("sizes 512 64 1024").isEmpty)
    }

    @Test func creditCodes() {
        #expect(found("公司税号91310115XNP680TKLG。") == ["credit_code 91310115XNP680TKLG"])
        #expect(found("公司税号91310115XNP680TKLH。").isEmpty)
        #expect(found("a91310115XNP680TKLG").isEmpty)
        #expect(found("123456789012345678") == ["credit_code 123456789012345678"])
        #expect(found("129956789012345678").isEmpty)
        #expect(found("91310115XNP680TKLG1").isEmpty)
    }

    @Test func bankAccountNumbers() {
        #expect(found("IBAN GB82 WEST 1234 5698 7654 32, thanks") == ["iban GB82 WEST 1234 5698 7654 32"])
        #expect(found("de89370400440532013000") == ["iban de89370400440532013000"])
        #expect(found("GB82WEST12345698765433").isEmpty)
        #expect(found("GB82WEST123456987654321").isEmpty)
        #expect(found("XX82WEST12345698765432").isEmpty)
    }
}
