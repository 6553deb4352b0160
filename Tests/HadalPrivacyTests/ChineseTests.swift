import Testing

@testable import HadalPrivacy

@Suite struct ChineseTests {
    @Test(arguments: [
        ("姓名：王小明，性别男", "王小明"), ("联系人张三电话", "张三"), ("收件人:欧阳修文", "欧阳修文"), ("我叫李雷，今年", "李雷"), ("客户赵六（VIP）", "赵六"),
        ("和王小明先生联系", "王小明"), ("姓名：阿卜杜拉·买买提", "阿卜杜拉·买买提"), ("姓名 张亚男", "张亚男"), ("客户张三的手机", "张三"), ("持卡人：司马光", "司马光"),
    ])
    func namesBesideWords(text: String, name: String) { #expect(found(text) == ["name \(name)"]) }

    @Test(arguments: ["客户满意度很高", "客户高兴地走了", "用户管理系统", "姓名：", "联系人信息", "王小明去了北京", "客户经理", "我叫什么名字", "原告于2014年起诉"])
    func otherWordsAreNoNames(text: String) { #expect(found(text).isEmpty, "\(found(text))") }

    @Test(arguments: [
        ("地址：北京市朝阳区建国路88号院3号楼1201室，邮编", "北京市朝阳区建国路88号院3号楼1201室"),
        ("家住上海市浦东新区世纪大道100号。", "上海市浦东新区世纪大道100号"), ("他在广东省深圳市南山区科技园科苑路15号上班", "广东省深圳市南山区科技园科苑路15号"),
        ("收货地址 杭州市西湖区文三路90号东部软件园2号楼3单元501", "杭州市西湖区文三路90号东部软件园2号楼3单元501"), ("住址：河北省保定市定兴县北河镇北河村", "河北省保定市定兴县北河镇北河村"),
        ("寄到成都市武侯区天府大道中段1388号美年广场A座12层的前台", "成都市武侯区天府大道中段1388号美年广场A座12层"),
    ])
    func addresses(text: String, address: String) { #expect(found(text) == ["address \(address)"], "\(found(text))") }

    @Test(arguments: [
        "北京是中国的首都", "地址不详", "上海市政府发布了公告", "我喜欢广州的美食", "位于城市中心", "重庆市铜梁区人民法院", "地址栏里输入网址", "上海轨道交通16号线调整",
        "地址：距天津火车站约3公里", "南京市长江大桥",
    ])
    func otherPlacesAreNoAddresses(text: String) { #expect(found(text).isEmpty, "\(found(text))") }
}
