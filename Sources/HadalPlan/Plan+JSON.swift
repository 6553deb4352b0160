import HadalCompute
import HadalJSON
import HadalModels

extension Plan {
    /// Everything, for programs. Sizes in bytes, times in seconds, rates a second but for answers a minute.
    public var json: JSON {
        .object(
            .init([
                ("model", modelJSON), ("hardware", hardware.json),
                ("beside", settings.beside?.json ?? .null), ("load", load.json),
                (
                    "kv_bytes_per_token",
                    .object(
                        .init(
                            KVCacheShape.Format.allCases.compactMap { format in
                                cacheBytesPerToken[format].map { (format.rawValue, .double($0)) }
                            }))
                ),
                ("kv_format", .string(settings.cacheFormat.rawValue)),
                ("kv_bytes_all_users", .int(Int64(cacheOfAllUsers))),
                ("formats", .array(options.map(\.json))),
                ("recommended", recommended.map { .string(options[$0].format) } ?? .null),
                ("advice", .array(advice.map(JSON.string))), ("notes", .array(notes.map(JSON.string))),
            ]))
    }

    private var modelJSON: JSON {
        .object(
            .init([
                ("name", .string(model.name)), ("place", .string(model.place)), ("on_disk", .bool(model.isOnDisk)),
                ("architecture", .string(model.shape.architecture)),
                ("parameters", .int(Int64(model.weights.parameters))),
                ("active_parameters", .int(Int64(model.weights.activeParameters))),
                ("prediction_parameters", .int(Int64(model.weights.predictionParameters))),
                ("context", .int(Int64(model.shape.context))), ("format", .string(model.format)),
            ]))
    }
}

extension Hardware {
    fileprivate var json: JSON {
        .object(
            .init([
                ("name", .string(name)), ("kind", .string(kind.rawValue)), ("memory", .int(Int64(memory))),
                ("usable_memory", .int(Int64(usableMemory))), ("read_bytes_per_second", .double(bandwidth)),
                ("half_operations_per_second", .double(peaks.half)),
                ("fp8_operations_per_second", .double(peaks.eightBitFloat)),
                ("int8_operations_per_second", .double(peaks.int8)), ("source", .string(source)),
                ("note", note.map(JSON.string) ?? .null),
            ]))
    }
}

extension Load {
    fileprivate var json: JSON {
        .object(
            .init([
                ("users", .int(Int64(users))), ("context", .int(Int64(context))),
                ("answers_per_minute", .double(answersPerMinute)), ("prompt_tokens", .int(Int64(promptTokens))),
                ("answer_tokens", .int(Int64(answerTokens))), ("target_latency", .double(latencyMax)),
            ]))
    }
}

extension Plan.Option {
    fileprivate var json: JSON {
        var object = JSON.Object([("format", .string(format)), ("stored_bytes", .int(Int64(storedBytes)))])
        switch outcome {
        case .success(let served):
            object["fits"] = .bool(true)
            for (name, value) in served.members { object[name] = value }
        case .failure(let misfit):
            object["fits"] = .bool(false)
            object["reason"] = .string(misfit.description)
            object["memory"] = misfit.memory.json
        }
        return .object(object)
    }
}

extension Plan.Served {
    fileprivate var members: [(String, JSON)] {
        [
            ("replicas", .int(Int64(replicas))), ("devices_per_replica", .int(Int64(replica.devices))),
            ("batch", .int(Int64(replica.batch))), ("memory", replica.memory.json),
            ("answer_seconds", .double(replica.latency)), ("first_token_seconds", .double(replica.firstToken)),
            ("decode_tokens_per_second", .double(replica.decodeAlone)),
            ("decode_tokens_per_second_at_batch", .double(replica.decodeTogether)),
            ("prefill_tokens_per_second", .double(replica.prefill)),
            ("answers_per_minute_max", .double(replica.capacity)), ("cost", cost?.json ?? .null),
        ]
    }
}

extension MemoryNeed {
    fileprivate var json: JSON {
        .object(
            .init([
                ("weights", .int(Int64(weights))), ("kv", .int(Int64(cache))),
                ("activations", .int(Int64(activations))), ("program", .int(Int64(program))),
                ("total", .int(Int64(total))), ("experts_beside", .int(Int64(beside))),
            ]))
    }
}

extension Cost {
    fileprivate var json: JSON {
        .object(
            .init([
                ("per_month", .double(perMonth)), ("per_million_tokens", .double(perMillion)),
                ("per_million_tokens_at_capacity", .double(perMillionFull)),
                ("cloud_per_month", cloudPerMonth.map(JSON.double) ?? .null),
                ("cloud_per_million_tokens", cloudPerMillion.map(JSON.double) ?? .null),
            ]))
    }
}
