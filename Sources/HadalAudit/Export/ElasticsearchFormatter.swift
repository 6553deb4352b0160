import HadalJSON

/// Lines for Elasticsearch's and OpenSearch's `_bulk`: `create`, so that a record that is there is not replaced, with
/// the trail and sequence number as id, so that sending twice does no harm.
public struct ElasticsearchFormatter: AuditFormatter {
    private let index: String
    private let trail: String

    /// - Parameters:
    ///   - index: an index or data stream.
    ///   - trail: the trail's id.
    public init(index: String, trail: String) {
        self.index = index
        self.trail = trail
    }

    public func bytes(_ record: AuditRecord) -> [UInt8] {
        let action: JSON = [
            "create": ["_index": .string(index), "_id": .string("\(trail)-\(record.sequence)")]
        ]
        var document = (try? JSON(parsing: record.canonicalBytes))?.object ?? JSON.Object()
        document["@timestamp"] = .string(AuditTime.text(record.time))
        return action.bytes + [UInt8(ascii: "\n")] + JSON.object(document).bytes + [UInt8(ascii: "\n")]
    }
}
