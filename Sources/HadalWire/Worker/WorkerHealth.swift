import HadalJSON

/// What a worker tells of itself at `GET /health`.
public struct WorkerHealth: Sendable, Hashable {
    public enum State: String, Sendable { case ready, draining }

    public var state: State
    /// Requests whose tokens are being computed or that wait for it.
    public var running: Int
    /// nil for a model without an engine, an encoder.
    public var engine: EngineFigures?

    public init(state: State, running: Int, engine: EngineFigures? = nil) {
        self.state = state
        self.running = running
        self.engine = engine
    }

    public init(_ json: JSON) throws(WireError) {
        var fields = try FieldReader(json)
        guard let state = State(rawValue: try fields.requiredString("state")) else {
            throw .outOfRange(field: "state", expected: "ready or draining")
        }
        self.state = state
        running = try fields.int("running", in: 0...Int(Int32.max)) ?? 0
        if let value = fields.value("engine") { engine = try EngineFigures(value) }
    }

    public var json: JSON {
        .compact([
            ("state", .string(state.rawValue)), ("running", .int(Int64(running))), ("engine", engine?.json),
        ])
    }
}
