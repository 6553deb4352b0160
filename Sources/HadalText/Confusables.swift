/// Characters that are taken for a Latin letter: accented and phonetic ones, lookalikes of other scripts, mathematical
/// and enclosed alphabets; and the commoner traditional Chinese characters, for the simplified ones. For classifying a
/// text only: what is folded is no longer readable Russian or Greek.
///
/// `Firewall/fold.py` reads `lookalikes` and `traditional` from this file, so that training and serving fold alike.
public struct Confusables: Sendable {
    public static let standard = Confusables()

    private static let blockBits: UInt32 = 7
    private static let tableEnd: UInt32 = 0x20000

    /// By a scalar's upper bits: the number of its block in `letters`. Block 0 folds nothing.
    private var blocks = [UInt8](repeating: 0, count: Int(tableEnd >> blockBits))
    /// An ASCII letter, or 0.
    private var letters = [UInt8](repeating: 0, count: 1 << blockBits)
    /// For U+4E00…U+9FFF.
    private var ideographs = Array(UInt16(0x4E00)...0x9FFF)

    private init() {
        let pairs = Array(Self.traditional.unicodeScalars)
        for place in stride(from: 0, to: pairs.count - 1, by: 2) {
            ideographs[Int(pairs[place].value) - 0x4E00] = UInt16(truncatingIfNeeded: pairs[place + 1].value)
        }
        for (letter, others) in Self.lookalikes {
            guard let letter = letter.utf8.first else { continue }
            for scalar in others.unicodeScalars { set(scalar.value, to: letter) }
        }
        // Styles of the mathematical alphabets, 52 letters each. The few holes stand among the lookalikes.
        for scalar in UInt32(0x1D400)..<0x1D6A4 { set(scalar, to: Self.a + UInt8((scalar - 0x1D400) % 26)) }
        for start in Self.alphabets { for index in UInt8(0)..<26 { set(start + UInt32(index), to: Self.a + index) } }
        for index in UInt8(0)..<26 { set(UInt32(UInt8(ascii: "A") + index), to: Self.a + index) }
    }

    private mutating func set(_ scalar: UInt32, to letter: UInt8) {
        let block = Int(scalar >> Self.blockBits)
        if blocks[block] == 0 {
            blocks[block] = UInt8(letters.count >> Self.blockBits)
            letters += [UInt8](repeating: 0, count: 1 << Self.blockBits)
        }
        letters[Int(blocks[block]) << Self.blockBits + Int(scalar & (1 << Self.blockBits - 1))] = letter
    }

    /// The letter `a`…`z` that a scalar looks like, whatever its case; the simplified form of a traditional ideograph; the
    /// scalar itself otherwise.
    public func fold(_ scalar: UInt32) -> UInt32 {
        if 0x4E00...0x9FFF ~= scalar { return UInt32(ideographs[Int(scalar) - 0x4E00]) }
        guard scalar < Self.tableEnd else { return scalar }
        let block = Int(blocks[Int(scalar >> Self.blockBits)])
        let letter = letters[block << Self.blockBits + Int(scalar & (1 << Self.blockBits - 1))]
        return letter == 0 ? scalar : UInt32(letter)
    }

    private static let a = UInt8(ascii: "a")

    /// Where 26 enclosed or regional letters begin: in parentheses, circles, squares.
    private static let alphabets: [UInt32] = [
        0x249C, 0x24B6, 0x24D0, 0x1F110, 0x1F130, 0x1F150, 0x1F170, 0x1F1E6,
    ]

    private static let lookalikes: KeyValuePairs = [
        "a": "ÀÁÂÃÄÅàáâãäåĀāĂăĄąǍǎǞǟǠǡǺǻȀȁȂȃȦȧḀḁẠạẢảẤấẦầẨẩẪẫẬậẮắẰằẲẳẴẵẶặªɑɐαАаᴀᵃₐᎪⲀⲁꓮꭺɒ∀",
        "b": "ḂḃḄḅḆḇƀɓЬьВвᏏᴃᵇʙΒβƄƅꓐ",
        "c": "ÇçĆćĈĉĊċČčḈḉƈϲСсᴄᶜⅽⅭℂℭϹƇꓚ",
        "d": "ĎďḊḋḌḍḎḏḐḑḒḓđĐɖɗԁᴅᵈⅾⅮⅆƊꓓ",
        "e": "ÈÉÊËèéêëĒēĔĕĖėĘęĚěȄȅȆȇȨȩḔḕḖḗḘḙḚḛḜḝẸẹẺẻẼẽẾếỀềỂểỄễỆệɛεЕеєЄᴇᵉₑℯℰⅇΕꓰəɘ",
        "f": "ḞḟƒƑꓝᶠℱϝ",
        "g": "ĜĝĞğĠġĢģǦǧǴǵḠḡɡɢᶃᵍℊԌꓖ",
        "h": "ĤĥȞȟḢḣḤḥḦḧḨḩḪḫẖħĦһНнΗᴴʰₕℎℏℍℋℌԋꓧʜ",
        "i": "ÌÍÎÏìíîïĨĩĪīĬĭĮįİǏǐȈȉȊȋḬḭḮḯỈỉỊịıɩιІіΙᴵⁱᵢⅰⅈℐℑɪӏΪϊ",
        "j": "ĴĵǰȷϳЈјᴶʲⱼⅉꓙᴊ",
        "k": "ĶķǨǩḰḱḲḳḴḵƙκΚКкᴷᵏₖᴋꓗ",
        "l": "ĹĺĻļĽľḶḷḸḹḺḻḼḽłŁɫʟⅼⅬℓℒᴸˡₗꓡ",
        "m": "ḾḿṀṁṂṃΜМмᴹᵐₘⅿⅯℳᴍꓟ",
        "n": "ÑñŃńŅņŇňǸǹṄṅṆṇṈṉṊṋŉɴΝηпПᴺⁿₙℕꓠɲ",
        "o": "ÒÓÔÕÖòóôõöŌōŎŏŐőƠơǑǒǪǫǬǭȌȍȎȏȪȫȬȭȮȯȰȱṌṍṎṏṐṑṒṓỌọỎỏỐốỒồỔổỖỗỘộỚớỜờỞởỠỡỢợøØοΟоОσᴼᵒₒℴօᴏꓳ",
        "p": "ṔṕṖṗρΡрРᴾᵖₚℙᴘꓑ",
        "q": "ɋԛℚզ",
        "r": "ŔŕŖŗŘřȐȑȒȓṘṙṚṛṜṝṞṟʀгГяᴿʳᵣℛℜℝɾꓣ",
        "s": "ŚśŜŝŞşŠšȘșṠṡṢṣṤṥṦṧṨṩѕЅˢₛꜱꓢʂ",
        "t": "ŢţŤťȚțṪṫṬṭṮṯṰṱẗŧŦτΤтТᵀᵗₜᴛꓔ",
        "u": "ÙÚÛÜùúûüŨũŪūŬŭŮůŰűŲųƯưǓǔǕǖǗǘǙǚǛǜȔȕȖȗṲṳṴṵṶṷṸṹṺṻỤụỦủỨứỪừỬửỮữỰựυцսᵁᵘᵤᴜꓴʊ",
        "v": "ṼṽṾṿνѵⅴⅤᵛᵥᴠꓦ",
        "w": "ŴŵẀẁẂẃẄẅẆẇẈẉẘωшШщᵂʷᴡꓪѡԝ",
        "x": "ẊẋẌẍχΧхХⅹⅩˣₓꓫ×",
        "y": "ÝýÿŶŷŸȲȳẎẏẙỲỳỴỵỶỷỸỹγΥуУʸʏꓬүҮ",
        "z": "ŹźŻżŽžẐẑẒẓẔẕΖƶᴢᶻℤℨꓜʐƵ",
    ]

    /// Traditional and simplified characters in turn.
    private static let traditional =
        "請请無无視视規规則则輸输顯显設设開开發发級级從从現现個个們们這这來来對对時时過过說说話话語语認认為为與与關关於于應应該该會会還还後后將将當当經经學学習习實实際际內内據据義义見见覺觉觀观計计劃划訓训記记"
        + "講讲許许論论證证評评詞词試试詩诗誠诚誤误調调談谈諾诺謝谢譯译議议護护讀读變变讓让貼贴資资質质贈赠趕赶軟软輯辑轉转轟轰辦办進进運运遊游達达違违選选遺遗邊边鄉乡醫医釋释鎖锁錯错錄录鍵键鐘钟鏈链鑰钥長长門门"
        + "閉闭問问間间聞闻閱阅隊队陰阴陽阳階阶隨随險险隱隐雙双雜杂離离難难電电靈灵靜静響响頁页項项順顺須须預预頭头題题類类願愿飛飞馬马驗验驚惊體体鬥斗點点黨党齊齐龍龙並并亂乱亞亚佈布佔占併并侖仑係系俠侠倉仓偵侦"
        + "偽伪傳传債债傷伤僅仅價价儀仪億亿優优儲储兒儿兩两冊册凈净凍冻劇剧劍剑創创動动務务勝胜勞劳勢势勵励勸劝區区協协單单衛卫卻却厲厉參参員员唸念啟启喪丧嗎吗嘗尝嚴严囑嘱國国圍围園园圓圆圖图團团執执堅坚報报場场"
        + "塊块壓压壞坏壽寿夠够夢梦夥伙奪夺奮奋婦妇媽妈孫孙寧宁審审寫写寬宽寶宝專专尋寻導导屆届層层屬属島岛師师帳帐帶带幣币幫帮幹干幾几庫库廣广廢废廳厅強强彈弹彙汇徑径復复徵征憂忧憑凭憶忆懷怀態态戰战戲戏戶户拋抛"
        + "採采換换揮挥損损搖摇擁拥擇择擊击擔担擬拟擴扩攜携攝摄敗败敘叙數数斷断暫暂曆历書书東东條条極极構构槍枪樂乐標标樣样機机檔档檢检權权歡欢歲岁歷历歸归殘残殺杀毀毁氣气決决沒没況况淚泪測测滅灭滿满漢汉潛潜濟济"
        + "災灾烏乌煙烟煩烦熱热燒烧爭争爺爷牆墙獄狱獨独獲获獻献環环產产畫画異异療疗盜盗監监盡尽眾众睏困矚瞩礙碍禍祸禮礼稱称種种穩稳積积窮穷竊窃競竞筆笔節节範范築筑簡简簽签籠笼糾纠約约紅红紀纪純纯紙纸細细終终組组"
        + "結结絕绝給给統统絡络維维網网緊紧綁绑線线緣缘編编練练縮缩總总繞绕繼继續续罰罚羅罗聖圣聯联聲声聽听職职脅胁脫脱腦脑膽胆臨临臺台舉举舊旧艦舰艱艰芻刍莊庄萬万葉叶蘇苏處处虛虚號号蟲虫術术衝冲補补裝装裡里裏里"
        + "製制複复覽览觸触訂订討讨託托詢询詳详誇夸誰谁課课諸诸謀谋謊谎譜谱貓猫負负財财貢贡貨货販贩貴贵買买費费賊贼賣卖賬账賴赖賺赚購购賽赛贏赢跡迹踐践車车軍军軌轨載载輕轻輪轮辭辞農农迴回遠远適适遲迟郵邮針针鈕钮"
        + "銀银銷销鋼钢錢钱鎮镇閃闪閣阁闆板闖闯陣阵陳陈陸陆雖虽雲云霧雾頂顶頒颁頓顿領领頻频顆颗額额顏颜風风飾饰餘余館馆駕驾騙骗騷骚驅驱髒脏鬆松魯鲁鳥鸟麗丽麼么黃黄齡龄妳你祕秘囉啰爲为曬晒啓启鑒鉴羣群徹彻憲宪擾扰"
        + "攔拦澤泽禦御緩缓繪绘縱纵縣县聰聪膠胶薦荐藝艺藥药蹤踪錨锚鍊链闡阐闢辟鞏巩頌颂"
}
