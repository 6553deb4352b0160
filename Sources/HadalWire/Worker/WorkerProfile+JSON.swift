import HadalJSON

/// What follows from the counts is written beside them, for those who read the JSON; it is not read again.
extension WorkerProfile {
    /// Elements of a list that a worker may send.
    private static let limit = 1000

    public init(_ json: JSON) throws(WireError) {
        var fields = try FieldReader(json)
        self.init(device: try fields.requiredString("device"))
        memory = try Memory(try fields.required("memory"))
        if let value = fields.value("roofline") { roofline = try Roofline(value) }
        for (index, element) in (try fields.array("phases", limit: Self.limit) ?? []).enumerated() {
            phases.append(try Phase(FieldReader(element, at: "phases[\(index)]"), limit: Self.limit))
        }
        for (index, element) in (try fields.array("threads", limit: Self.limit) ?? []).enumerated() {
            var entry = try FieldReader(element, at: "threads[\(index)]")
            threads.append(
                Threads(
                    name: try entry.requiredString("name"), threads: try entry.count("threads"),
                    processorSeconds: try entry.seconds("processorSeconds")))
        }
    }

    public var json: JSON {
        .compact([
            ("device", .string(device)), ("seconds", .double(seconds)), ("roofline", roofline?.json),
            ("phases", .array(phases.map(json))), ("memory", memory.json),
            (
                "threads",
                .array(
                    threads.map {
                        [
                            "name": .string($0.name), "threads": .int(Int64($0.threads)),
                            "processorSeconds": .double($0.processorSeconds),
                        ]
                    })
            ),
        ])
    }

    private func json(_ phase: Phase) -> JSON {
        [
            "phase": .string(phase.name), "seconds": .double(phase.seconds), "steps": .int(Int64(phase.steps)),
            "promptRows": .int(Int64(phase.promptRows)), "answerRows": .int(Int64(phase.answerRows)),
            "otherSeconds": .double(phase.otherSeconds), "operations": .array(phase.operations.map(json)),
        ]
    }

    private func json(_ operation: Operation) -> JSON {
        func rate(_ count: Int) -> JSON? {
            count > 0 && operation.seconds > 0 ? .double(Double(count) / operation.seconds) : nil
        }
        return .compact([
            ("operation", .string(operation.name)), ("part", .string(operation.part)),
            ("calls", .int(Int64(operation.calls))), ("seconds", .double(operation.seconds)),
            ("share", .double(seconds > 0 ? operation.seconds / seconds : 0)),
            ("bytes", .int(Int64(operation.bytes))), ("bytesPerSecond", rate(operation.bytes)),
            ("integerOperations", .int(Int64(operation.integerOperations))),
            ("floatOperations", .int(Int64(operation.floatOperations))),
            ("operationsPerSecond", rate(operation.operations)),
            ("rooflineShare", rooflineShare(operation).map(JSON.double)),
        ])
    }
}

extension WorkerProfile.Phase {
    fileprivate init(_ fields: FieldReader, limit: Int) throws(WireError) {
        var fields = fields
        self.init(name: try fields.requiredString("phase"))
        seconds = try fields.seconds("seconds")
        steps = try fields.count("steps")
        promptRows = try fields.count("promptRows")
        answerRows = try fields.count("answerRows")
        for (index, element) in (try fields.array("operations", limit: limit) ?? []).enumerated() {
            var entry = try FieldReader(element, at: fields.field("operations[\(index)]"))
            var operation = WorkerProfile.Operation(
                name: try entry.requiredString("operation"), part: try entry.requiredString("part"))
            operation.calls = try entry.count("calls")
            operation.seconds = try entry.seconds("seconds")
            operation.bytes = try entry.count("bytes")
            operation.integerOperations = try entry.count("integerOperations")
            operation.floatOperations = try entry.count("floatOperations")
            operations.append(operation)
        }
    }
}

extension WorkerProfile.Roofline {
    fileprivate init(_ json: JSON) throws(WireError) {
        var fields = try FieldReader(json, at: "roofline")
        func rate(_ name: String) throws(WireError) -> Double {
            guard let rate = try fields.number(name, in: 1...1e18) else { throw .missing(field: fields.field(name)) }
            return rate
        }
        self.init(
            readBytesPerSecond: try rate("readBytesPerSecond"),
            int8OperationsPerSecond: try rate("int8OperationsPerSecond"),
            float32OperationsPerSecond: try rate("float32OperationsPerSecond"),
            wasBusy: try fields.bool("wasBusy") ?? false)
    }

    fileprivate var json: JSON {
        [
            "readBytesPerSecond": .double(readBytesPerSecond),
            "int8OperationsPerSecond": .double(int8OperationsPerSecond),
            "float32OperationsPerSecond": .double(float32OperationsPerSecond), "wasBusy": .bool(wasBusy),
        ]
    }
}

extension FieldReader {
    fileprivate mutating func count(_ name: String) throws(WireError) -> Int { try int(name, in: 0...Int.max) ?? 0 }

    fileprivate mutating func seconds(_ name: String) throws(WireError) -> Double {
        try number(name, in: 0...1e9) ?? 0
    }
}
