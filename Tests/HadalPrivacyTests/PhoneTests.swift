import Testing

@testable import HadalPrivacy

@Suite struct PhoneTests {
    @Test(arguments: [
        "13800138000", "138 0013 8000", "138-0013-8000", "+8613800138000", "+86 138 0013 8000", "+86-13800138000",
        "008613800138000",
        "8613800138000", "(+86)13800138000", "010-62345678", "(0755) 86268888", "0755-8626 8888", "+86 10 6234 5678",
        "010-62345678转8001",
        "415-555-0132", "(415) 555-0132", "415.555.0132", "1-415-555-0132", "+1 415 555 0132", "(898)666-3621x0135",
        "+39 06 678 4343",
        "+41 (0)96 471 07 95", "+447700 208 815", "+55 11 98456 5666", "1 3 8 0 0 1 3 8 0 0 0",
    ])
    func theFormIsEnough(number: String) {
        #expect(found("请记下 \(number) 谢谢") == ["phone \(number)"])
        #expect(found("[\(number)]") == ["phone \(number)"])
    }

    @Test(arguments: [
        "Phone: 358 0594", "tel. no. 0490 75 40 81", "call me on 450 0840", "Mobile: 03.93.92.16.85",
        "Fax:\n9498777106",
        "416 60 039 office", "reach her at (64) 3591-3246", "联系电话：62345678", "客服热线400-820-8820", "电话01062345678",
        "My number is 09-7625400",
    ])
    func aWordSaysIt(text: String) {
        #expect(found(text).count == 1, "\(found(text))")
        #expect(found(text).allSatisfy { $0.hasPrefix("phone ") })
    }

    @Test(arguments: [
        "138001380001", "213800138000", "a13800138000", "13800138000b", "1.13800138000", "12800138000",
        "手机号 100 6354 7269", "电话：10015050194",
        "+86 12086861466", "008611194087125", "手机号 +86 10062511088", "358 0594", "2015-12-22 04:34:22",
        "phone 2015-12-22", "call 192.168.100.200".replacing("call", with: "v"),
        "order number is 12345678", "1500000 mobile users", "13800138000元", "13800138000%", "telephones sold: many",
        "014-62345678", "1700000000000",
    ])
    func otherNumbersAreNone(text: String) {
        #expect(found(text).filter { $0.hasPrefix("phone") }.isEmpty, "\(found(text))")
    }

    @Test func aWordMayStandDirectlyBefore() {
        #expect(found("Tel13800138000") == ["phone 13800138000"])
        #expect(found("xTel13800138000").isEmpty)
    }
}
