import HadalJSON
import HadalWire

/// Reads what a chunk says of its tokens.
struct TokenReader {
    /// OpenAI's protocol names no ids.
    static let unknownID: Int32 = -1
    /// What JSON's writers make of a probability of zero.
    private static let least = -1e30

    /// Alternatives that were asked for; nil: none, nor log-probabilities.
    let top: Int?

    /// - Returns: empty where the chunk says nothing of its tokens.
    /// - Throws: where what was asked for is no such thing.
    func tokens(of choice: JSON) throws(UpstreamEventReader.NotUnderstood) -> [GeneratedToken] {
        let ids = (choice["token_ids"]?.array ?? []).compactMap { $0.int.flatMap(Int32.init(exactly:)) }
        var tokens: [GeneratedToken] = []
        if let top, let probabilities = choice["logprobs"], !probabilities.isNull {
            if let content = probabilities["content"]?.array {
                for element in content { tokens.append(try token(element, top)) }
            } else {
                tokens = try older(probabilities, top)
            }
        }
        guard !tokens.isEmpty else { return ids.map { GeneratedToken(id: $0) } }
        if ids.count == tokens.count {
            for (index, id) in ids.enumerated() {
                tokens[index].id = id
                tokens[index].chosen?.id = id
            }
        }
        return tokens
    }

    /// An element of `logprobs.content`.
    private func token(_ json: JSON, _ top: Int) throws(UpstreamEventReader.NotUnderstood) -> GeneratedToken {
        let chosen = try candidate(json)
        var alternatives: [GeneratedToken.Candidate] = []
        for element in (json["top_logprobs"]?.array ?? []).prefix(top) { alternatives.append(try candidate(element)) }
        return GeneratedToken(id: chosen.id, chosen: chosen, alternatives: alternatives)
    }

    private func candidate(_ json: JSON) throws(UpstreamEventReader.NotUnderstood) -> GeneratedToken.Candidate {
        guard let text = json["token"]?.string, let value = json["logprob"] else {
            throw .init("log-probabilities in a shape that is not known")
        }
        let bytes = json["bytes"]?.array.map { $0.compactMap { $0.int.flatMap(UInt8.init(exactly:)) } }
        return GeneratedToken.Candidate(
            id: json["id"]?.int.flatMap(Int32.init(exactly:)) ?? Self.unknownID, bytes: bytes ?? Array(text.utf8),
            logProbability: value.double ?? Self.least)
    }

    /// The completions' older shape: arrays side by side.
    private func older(_ json: JSON, _ top: Int) throws(UpstreamEventReader.NotUnderstood) -> [GeneratedToken] {
        guard let texts = json["tokens"]?.array, let values = json["token_logprobs"]?.array,
            texts.count == values.count
        else { throw .init("log-probabilities in a shape that is not known") }
        return zip(texts, values).enumerated().map { index, pair in
            let chosen = GeneratedToken.Candidate(
                id: Self.unknownID, bytes: Array((pair.0.string ?? "").utf8),
                logProbability: pair.1.double ?? Self.least)
            let others = (json["top_logprobs"]?[index]?.object?.members ?? []).map { member in
                GeneratedToken.Candidate(
                    id: Self.unknownID, bytes: Array(member.key.utf8),
                    logProbability: member.value.double ?? Self.least)
            }
            let sorted = others.sorted { $0.logProbability > $1.logProbability }
            return GeneratedToken(id: chosen.id, chosen: chosen, alternatives: Array(sorted.prefix(top)))
        }
    }
}
