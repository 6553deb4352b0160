import HadalJSON

extension ChainStatement {
    /// Nil where the bytes are none.
    init?(parsing bytes: [UInt8]) {
        guard let json = try? JSON(parsing: bytes), let trail = json["trail"]?.string,
            let key = json["key"]?.string.flatMap(AuditKeyID.init), let segment = json["segment"]?.number,
            let sequence = json["sequence"]?.number, let head = json["head"]?.string, let time = json["time"]?.int
        else { return nil }
        let content: Content
        switch json["statement"]?.string {
        case "hadal audit checkpoint 1":
            guard let reason = json["reason"]?.string.flatMap(Reason.init(rawValue:)) else { return nil }
            content = .checkpoint(reason)
        case "hadal audit tombstone 1":
            guard let segments = json["segments"]?.array, let contents = json["contents"]?.array else { return nil }
            let removed = segments.compactMap { value -> Removed? in
                guard let first = value["first"]?.number, let last = value["last"]?.number,
                    let hash = value["hash"]?.string
                else { return nil }
                return Removed(first: first, last: last, hash: hash)
            }
            let numbers = contents.compactMap(\.number)
            guard removed.count == segments.count, numbers.count == contents.count else { return nil }
            content = .tombstone(segments: removed, contents: numbers)
        default: return nil
        }
        self.init(
            trail: trail, key: key, segment: segment, sequence: sequence, head: head, time: Int64(time),
            content: content)
    }
}

extension JSON {
    fileprivate var number: UInt64? { int.flatMap(UInt64.init(exactly:)) }
}
