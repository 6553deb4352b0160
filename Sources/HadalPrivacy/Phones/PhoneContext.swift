/// Whether words beside a number say that it is a telephone's.
struct PhoneContext {
    enum Strength: Int {
        case none
        /// "number": only a number that looks like a telephone's is one.
        case vague
        /// "call", or the word follows the number.
        case weak
        /// "phone" and the like.
        case strong
    }

    let strength: Strength
    let isChinese: Bool

    var isNear: Bool { strength.rawValue >= Strength.weak.rawValue }

    /// A word counts where nothing stands between it and the number but what leads to a number.
    init(_ number: DigitGroups, from start: Int, in text: ScannedText) {
        for (kind, strength) in [(ContextKind.phone, Strength.strong), (.calling, .weak), (.number, .vague)] {
            if let hit = text.contexts.before(start, kind, within: 40), text.leads(from: hit.end, to: start) {
                self.init(strength, at: hit, text)
                return
            }
        }
        if let last = number.groups.last(where: { $0.digitsSoFar <= 13 }),
            let hit = text.contexts.after(last.end, .phone, within: 4)
        {
            self.init(.weak, at: hit, text)
        } else {
            self.init(.none, at: nil, text)
        }
    }

    private init(_ strength: Strength, at hit: Contexts.Hit?, _ text: ScannedText) {
        self.strength = strength
        isChinese = hit.map { text.han(at: $0.start) != nil } ?? false
    }
}
