import HadalJSON

/// The answers of `/v1/models` and `/v1/models/{id}`.
public enum ModelList {
    public struct Entry: Sendable, Hashable {
        public var id: String
        /// Seconds since 1970.
        public var created: Int
        /// nil while its worker is starting.
        public var model: WorkerModel?

        public init(id: String, created: Int, model: WorkerModel?) {
            self.id = id
            self.created = created
            self.model = model
        }

        /// OpenAI's four members, and `max_model_len` as vLLM tells it.
        public var json: JSON {
            .compact([
                ("id", .string(id)), ("object", "model"), ("created", .int(Int64(created))), ("owned_by", "hadal"),
                ("max_model_len", model.map { .int(Int64($0.contextLength)) }),
            ])
        }
    }

    public static func json(_ entries: [Entry]) -> JSON {
        ["object": "list", "data": .array(entries.map(\.json))]
    }
}
