/// The words that recognizers look for beside a candidate.
enum ContextWords {
    static let trie = WordTrie(
        labels.flatMap { kind, words in words.split(separator: " ").map { (kind, spaced(String($0))) } }
            + Regions.names.map { (.region, $0) })

    private static func spaced(_ word: String) -> String { word.replacing("_", with: " ") }

    /// Words are separated by spaces; `_` stands for a space, `_` or `-` in the text.
    private static let labels: [(ContextKind, String)] = [
        (
            .phone,
            """
            phone phone_number phone_no telephone tel tel_no telefon telefono teléfono téléphone mobile \
            mobile_number mobile_no mobil móvil cell cellphone cell_phone landline fax whatsapp desk office \
            hotline sms contact_number
            """
        ),
        (
            [.phone, .boundary],
            """
            手机 手机号 手机号码 电话 电话号码 联系电话 联系方式 联系手机 座机 座机号 固话 固定电话 移动电话 家庭电话 办公电话 单位电话 传真 传真号 热线 致电 拨打 来电 来电显示 回电 \
            短信 打电话 联系号码 預留手机 预留手机号 手機 電話 聯絡電話
            """
        ),
        (.calling, "call calls called contact reach dial ring text answering messages message"),
        (.number, "number id no"),
        (
            .card,
            """
            card cards card_number card_no creditcard debit_card credit_card cc visa mastercard amex maestro \
            unionpay cc_number pan 银行卡 银行卡号 卡号 信用卡 信用卡号 储蓄卡 借记卡 账号 帐号 账户 帐户 收款账号 银行账户 银行账号 工资卡 卡
            """
        ),
        (
            [.residentID, .boundary],
            """
            身份证 身份证号 身份证号码 身分证 身份號碼 身份證 身份证件 公民身份号码 公民身份证号码 居民身份证 证件号 证件号码 证件号是 居住证 身份证明 有效证件
            """
        ),
        (.residentID, "id_card id_number id_no identity_card resident_id national_id sfz idcard citizen_id"),
        (.hongKongID, "hkid hk_id hong_kong_id hong_kong_identity_card 香港身份证 香港身份證 香港居民身份证 身份證號碼"),
        (
            .permit,
            """
            通行证 通行证号 通行证号码 港澳通行证 往来港澳通行证 港澳居民来往内地通行证 回乡证 台胞证 台湾通行证 台湾居民来往大陆通行证 往来台湾通行证 大通证 通行證 回鄉證 台胞證 \
            home_return_permit travel_permit
            """
        ),
        ([.passport, .boundary], "护照 护照号 护照号码 护照编号 護照 護照號碼"),
        (.passport, "passport passport_number passport_no"),
        (.socialSecurity, "ssn social_security social_security_number social_security_no socialsecurity"),
        (
            .secret,
            """
            password passwd pwd passphrase passcode secret secret_key secretkey client_secret clientsecret \
            api_key apikey api_token access_key accesskey access_key_id access_key_secret access_token \
            accesstoken auth_token authtoken refresh_token token bearer authorization private_key privatekey \
            credential credentials encryption_key signing_key app_secret appsecret app_key appkey \
            webhook_secret session_key 密码 口令 密钥 秘钥 令牌 访问密钥 登录密码 初始密码 账号密码 接口密钥 支付密码 取款密码 密碼
            """
        ),
        (.version, "version versions ver release build firmware oid rfc section sections chapter 版本 版本号 章 节"),
        (.iban, "iban"),
        (
            .name,
            """
            姓名 名字 真实姓名 客户姓名 联系人 联系人姓名 收件人 收货人 寄件人 发件人 持卡人 持卡人姓名 户名 开户名 账户名 法定代表人 法人代表 法人 申请人 借款人 负责人 经办人 签收人 \
            乘机人 乘车人 监护人 投保人 被保险人 受益人 紧急联系人 担保人 出借人 承租人 出租人 患者姓名 员工姓名 学生姓名 姓名是 我叫 名叫 我的名字 本人 委托人 代理人 收款人 付款人 \
            汇款人 入住人 购票人 姓名为 当事人 被告人 原告 被告 嫌疑人 聯絡人 收件者
            """
        ),
        (.person, "客户 用户 员工 学生 患者 病人 乘客 旅客 会员 同事 业主 住户 候选人 家属 父亲 母亲 儿子 女儿 丈夫 妻子"),
        ([.honorific, .boundary], "先生 女士 小姐 同学 老师 医生 教授 律师"),
        (
            [.address, .boundary],
            """
            地址 住址 家庭住址 家庭地址 现住址 现住地址 通讯地址 通信地址 收货地址 收件地址 寄件地址 邮寄地址 联系地址 户籍地址 户籍所在地 户口所在地 居住地址 居住地 详细地址 办公地址 \
            公司地址 注册地址 住所 家住 现住 住在 寄到 送到 寄往 快递到 送至 寄至 居住在
            """
        ),
        (
            .boundary,
            """
            的 和 与 及 在 是 已 说 要 来 去 把 被 让 向 对 给 跟 于 从 也 都 将 想 有 为 即 需 于是 今年 年龄 性别 男 女 出生 出生日期 生日 住 籍贯 民族 汉族 邮箱 \
            邮编 邮政编码 微信 微信号 职业 职务 单位 银行卡 卡号 账号 请 同志 您好 你好 收 公司 部门 学历 备注 开户行 证件 因 于本 办理 申请 登记 购买 反映 表示 自称 名下 \
            入院 就诊 主诉 经理
            """
        ),
    ]
}
