import Testing

@testable import HadalPrivacy

@Suite struct DocumentTests {
    @Test func hongKongCards() {
        for number in ["A123456(3)", "AB987654(3)", "G123456(A)"] {
            #expect(found("卡 \(number)。") == ["hong_kong_id \(number)"])
        }
        for number in ["A123456(4)", "AB987654(2)", "A12345(3)", "ABC123456(3)"] {
            #expect(found("卡 \(number)。").isEmpty)
        }
        #expect(found("HKID: A1234563") == ["hong_kong_id A1234563"])
        #expect(found("part A1234563").isEmpty)
    }

    @Test(arguments: [
        ("港澳居民来往内地通行证号H12345678", "travel_permit H12345678"), ("回乡证：M1234567801", "travel_permit M1234567801"),
        ("往来港澳通行证 C12345678", "travel_permit C12345678"), ("通行证CA1234567", "travel_permit CA1234567"),
        ("台胞证号 12345678", "travel_permit 12345678"),
        ("护照号码：E12345678", "passport E12345678"), ("护照EA1234567", "passport EA1234567"),
        ("passport number is G12345678", "passport G12345678"),
        ("Passport: 123456789", "passport 123456789"),
    ])
    func papersAreFoundBesideTheirNames(text: String, expected: String) { #expect(found(text) == [expected]) }

    @Test(arguments: ["E12345678", "型号H12345678", "12345678", "护照号码：E1234567890123", "护照已于20200101签发"])
    func withoutANameTheyAreNot(text: String) { #expect(found(text).isEmpty) }

    @Test(arguments: ["粤B12345", "京A·12345", "沪AD12345", "粤B12345D", "川A1234学", "鲁Q·8K8K8", "粤Z1234港", "浙A 12B45"])
    func plates(plate: String) { #expect(found("车牌\(plate)的车") == ["plate \(plate)"]) }

    @Test(arguments: ["粤B1234", "粤B1234567", "粤BABCDE", "粤I12345", "国B12345", "新AMAZON", "粤B123I5"])
    func otherTextIsNoPlate(text: String) { #expect(found(text).isEmpty) }
}
