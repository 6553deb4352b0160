/// A value as a source has it, with its place. What a text means (a number, a duration) is decided by the setting it is for,
/// never by YAML 1.1's rules, for which `no` is false and `1:30` ninety.
struct YAMLNode {
    enum Content {
        case text(String, isPlain: Bool)
        case list([YAMLNode])
        case map([Member])
    }

    struct Member {
        var key: String
        /// Of the key.
        var source: SettingSource
        var value: YAMLNode
    }

    var source: SettingSource
    var content: Content
    /// Values in it, itself included, with those that aliases repeat.
    private(set) var count: Int
    /// Levels below it.
    private(set) var height: Int

    init(_ content: Content, source: SettingSource) {
        self.content = content
        self.source = source
        let children: [YAMLNode] =
            switch content {
            case .text: []
            case .list(let items): items
            case .map(let members): members.map(\.value)
            }
        count = children.reduce(1) { $0 + $1.count }
        height = children.reduce(0) { max($0, $1.height + 1) }
    }

    /// Nothing was written, or YAML's null.
    var isEmpty: Bool {
        guard case .text(let text, isPlain: true) = content else { return false }
        return text.isEmpty || text == "~" || text == "null"
    }

    /// For errors: what stands here instead of what should.
    var shape: String {
        switch content {
        case .text where isEmpty: "nothing"
        case .text: "a single value"
        case .list: "a list"
        case .map: "a group of settings"
        }
    }
}
