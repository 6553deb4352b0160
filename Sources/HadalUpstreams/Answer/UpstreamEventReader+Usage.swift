import HadalJSON
import HadalWire

/// What an answer used, and its end.
extension UpstreamEventReader {
    mutating func readUsage(_ json: JSON?) throws(NotUnderstood) {
        guard let json, json.object != nil else { return }
        let counts = [
            json["prompt_tokens"], json["completion_tokens"],
            json["prompt_tokens_details"]?["cached_tokens"] ?? json["prompt_cache_hit_tokens"],
            json["completion_tokens_details"]?["reasoning_tokens"] ?? json["reasoning_tokens"],
        ].map { $0?.int ?? 0 }
        guard counts.allSatisfy({ (0...Int(Int32.max)).contains($0) }) else {
            throw NotUnderstood("a usage that is impossible")
        }
        usage = Usage(
            promptTokens: counts[0], cachedTokens: min(counts[2], counts[0]), completionTokens: counts[1],
            reasoningTokens: min(counts[3], counts[1]))
    }

    /// What ends the answer, once nothing more comes.
    /// - Throws: where it was cut off.
    mutating func close(firstTokenSeconds: Double, decodeSeconds: Double) throws(NotUnderstood) -> [WorkerEvent] {
        guard let finish else { throw NotUnderstood("the stream ended before the answer did") }
        isDone = true
        var summary = GenerationSummary(
            finish: finish, stop: stop, usage: usage ?? Usage(), firstTokenSeconds: firstTokenSeconds,
            decodeSeconds: decodeSeconds, warnings: warnings)
        // Some proxies fill in zeros.
        if usage == nil || summary.usage.completionTokens == 0 && pieces > 0 {
            summary.usage = Usage(
                promptTokens: call.promptTokens, completionTokens: pieces, reasoningTokens: reasoningPieces)
            summary.warnings.append("\(failures.upstream) tells no usage; the tokens are an estimate")
        }
        return start() + [.finished(summary)]
    }
}
