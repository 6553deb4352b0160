import HadalJSON
import HadalWire

extension RequestWriter {
    func sampling(hasOwnSeed: Bool) throws(WorkerFailure) -> Members {
        let sampling = request.sampling
        let llama = can.kind == .llamaServer || can.kind == .llamaCppPython
        var members: Members = [
            ("temperature", sampling.temperature.map(JSON.double)), ("top_p", sampling.topP.map(JSON.double)),
        ]
        // Off is 0 here and for llama.cpp, -1 elsewhere.
        let topK = sampling.topK.map { $0 == 0 && !llama ? JSON.int(-1) : .int(Int64($0)) }
        members += try field(.topK, "top_k", topK, isNeutral: sampling.topK == 0)
        members += try field(.minP, "min_p", sampling.minP.map(JSON.double), isNeutral: sampling.minP == 0)
        members += try field(
            .typicalP, "typical_p", sampling.typicalP.map(JSON.double), isNeutral: sampling.typicalP == 1)
        members += try field(
            .repetitionPenalty, "repetition_penalty", sampling.repetitionPenalty.map(JSON.double),
            isNeutral: sampling.repetitionPenalty == 1, as: llama ? "repeat_penalty" : nil)
        members += try field(
            .frequencyPenalty, "frequency_penalty", sampling.frequencyPenalty.map(JSON.double),
            isNeutral: sampling.frequencyPenalty == 0)
        members += try field(
            .presencePenalty, "presence_penalty", sampling.presencePenalty.map(JSON.double),
            isNeutral: sampling.presencePenalty == 0)
        members += try field(.logitBias, "logit_bias", logitBias, isNeutral: false)
        if let seed = sampling.seed {
            if can.can(.seeds) {
                members.append(("seed", .int(Self.folded(seed))))
            } else if hasOwnSeed {
                throw refusal("seed", "no seed, so that the same answer cannot be promised")
            }
        }
        return members
    }

    /// A field that not every server has. What asks for nothing is fulfilled by one that has no such setting.
    private func field(
        _ feature: UpstreamFeature, _ name: String, _ value: JSON?, isNeutral: Bool, as theirs: String? = nil
    ) throws(WorkerFailure) -> Members {
        guard let value else { return [] }
        if can.can(feature) { return [(theirs ?? name, value)] }
        if isNeutral { return [] }
        throw refusal(name, "no \(name)")
    }

    private var logitBias: JSON? {
        let bias = request.sampling.logitBias
        guard !bias.isEmpty else { return nil }
        return .object(JSON.Object(bias.sorted { $0.key < $1.key }.map { (String($0.key), .double($0.value)) }))
    }

    /// Servers take seeds of 31 bits at least, and not all take more. Small ones stay as they are.
    static func folded(_ seed: UInt64) -> Int64 {
        if seed <= 0x7FFF_FFFF { return Int64(seed) }
        let mixed = (seed ^ (seed >> 31)) &* 0x9E37_79B9_7F4A_7C15
        return Int64(mixed >> 33)
    }

    func stops() throws(WorkerFailure) -> Members {
        let stop = request.stop
        var members: Members = []
        if let texts = stop.texts, !texts.isEmpty { members.append(("stop", .array(texts.map(JSON.string)))) }
        if !stop.tokens.isEmpty {
            try need(.stopTokens, "stop_token_ids", "no tokens to stop at")
            members.append(("stop_token_ids", .array(stop.tokens.sorted().map { .int(Int64($0)) })))
        }
        if stop.ignoresEndOfText {
            try need(.ignoresEndOfText, "ignore_eos", "no ignore_eos")
            members.append(("ignore_eos", true))
        }
        return members
    }
}
