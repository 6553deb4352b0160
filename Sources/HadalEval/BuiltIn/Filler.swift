import Foundation

/// Pages of other things, for questions that look for one fact among them: `{{filler:900}}` stands for so many words,
/// `{{filler-zh:400}}` for so many characters.
enum Filler {
    private static let english = [
        "The corridor on the second floor was painted in the spring.",
        "Deliveries come through the yard in the morning.",
        "A list of all rooms hangs beside the lift.", "The printer near the window is used by three departments.",
        "On Fridays the canteen serves soup and bread.", "Bicycles are parked behind the building.",
        "The plants in the hall are watered twice a week.", "Old files are kept in the cellar for ten years.",
        "The clock in the meeting room is two minutes fast.",
        "New chairs were ordered from a supplier in the next town.",
        "Letters are collected at four in the afternoon.", "The lights go out by themselves when nobody is there.",
    ]
    private static let chinese = [
        "二楼的走廊在春天重新刷过。", "早上送来的货物从院子里进来。", "电梯旁边挂着所有房间的名单。", "窗边的打印机由三个部门共用。",
        "星期五食堂供应汤和面包。", "自行车停在大楼后面。", "大厅里的植物每周浇两次水。", "旧文件在地下室保存十年。",
        "会议室的钟快两分钟。", "新椅子是从邻镇的供应商那里订的。", "信件在下午四点收走。", "没有人的时候灯会自己熄灭。",
    ]

    static func expanded(_ text: String) -> String {
        text.replacing(/\{\{filler(-zh)?:(\d{1,6})\}\}/) { match in
            let count = Int(match.output.2) ?? 0
            return match.output.1 == nil ? words(count) : characters(count)
        }
    }

    private static func words(_ count: Int) -> String {
        var sentences: [String] = []
        var words = 0
        while words < count {
            let sentence = english[sentences.count % english.count]
            sentences.append(sentence)
            words += sentence.split(separator: " ").count
        }
        return sentences.joined(separator: " ")
    }

    private static func characters(_ count: Int) -> String {
        var text = ""
        var number = 0
        while text.count < count {
            text += chinese[number % chinese.count]
            number += 1
        }
        return text
    }
}
