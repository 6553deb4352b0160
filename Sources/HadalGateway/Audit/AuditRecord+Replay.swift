import HadalAudit
import HadalJSON
import HadalWire

/// What a record of a request says to who asks it again.
extension AuditRecord {
    /// Whether the answer was ended before the model had ended it: because of what it said, or as the client went.
    var isPart: Bool { outcome != Exchange.Outcome.ok.rawValue }

    func checkThatTheModelWasAsked() throws(ReplayRefusal) {
        guard kind == .request else { throw ReplayRefusal("record \(sequence) is no request to a model") }
        let isBefore = outcome == Exchange.Outcome.blocked.rawValue && details?["code"]?.string != nil
        guard !isBefore, outcome != Exchange.Outcome.review.rawValue else {
            throw ReplayRefusal("record \(sequence): the question was blocked before the model was asked")
        }
    }

    /// As the worker was asked.
    func question(_ contents: AuditContents) throws(ReplayRefusal) -> WorkerRequest {
        guard details?["input_altered"]?.bool != true else {
            throw ReplayRefusal("record \(sequence): personal data in the question was masked, so it is another now")
        }
        let json = try json("input") { () throws(AuditError) in try contents.input(of: self) }
        guard let question = json["question"] else {
            throw ReplayRefusal("the input of record \(sequence) has no question")
        }
        guard question["inputs"] == nil else {
            throw ReplayRefusal("record \(sequence) asked for embeddings; only answers are replayed")
        }
        let request: WorkerRequest
        do throws(WireError) { request = try WorkerRequest(question) } catch {
            throw ReplayRefusal("the question of record \(sequence) is of another version of Hadal: \(error)")
        }
        guard request.sampling.seed != nil || request.sampling.temperature == 0 else {
            throw ReplayRefusal("record \(sequence) has no seed: its answer was left to chance")
        }
        return request
    }

    func expected(_ contents: AuditContents) throws(ReplayRefusal) -> Replay.Expected {
        if output?.form == .hash {
            guard !isPart else {
                throw ReplayRefusal(
                    "record \(sequence): the answer was ended before its end, and only its hash was kept")
            }
            guard contents.isOutput("", of: self) != nil else {
                throw ReplayRefusal("the output of record \(sequence) was erased with its person's key")
            }
            return .hash
        }
        let json = try json("output") { () throws(AuditError) in try contents.output(of: self) }
        guard let answer = Exchange.Answer(json) else {
            throw ReplayRefusal("the output of record \(sequence) is no answer of this version of Hadal")
        }
        if isPart, answer.tokens.isEmpty {
            throw ReplayRefusal("record \(sequence): the model gave no answer (\(outcome))")
        }
        // Where only what the client got instead was altered, the tokens are there.
        if details?["output_altered"]?.bool == true, answer.tokens.isEmpty {
            throw ReplayRefusal("record \(sequence): personal data in the answer was masked, so it cannot be compared")
        }
        return .answer(answer)
    }

    private func json(_ part: String, _ read: () throws(AuditError) -> String) throws(ReplayRefusal) -> JSON {
        let text: String
        do throws(AuditError) { text = try read() } catch { throw ReplayRefusal(error.description) }
        do throws(JSONError) { return try JSON(parsing: text) } catch {
            throw ReplayRefusal("the \(part) of record \(sequence) is no JSON: \(error)")
        }
    }
}

extension Exchange.Answer {
    /// From `json`.
    /// - Returns: nil where a member is missing or not what it must be.
    init?(_ json: JSON) {
        guard let content = json["content"]?.string,
            let finish = json["finish"]?.string.flatMap(FinishReason.init(rawValue:)),
            let tokens = json["tokens"]?.array?.map({ $0.int.flatMap { Int32(exactly: $0) } })
        else { return nil }
        self.init()
        choice.content = content
        choice.reasoning = json["reasoning"]?.string ?? ""
        choice.finish = finish
        choice.calls = (json["calls"]?.array ?? []).enumerated().map { index, call in
            Choice.ToolCall(
                index: index, name: call["name"]?.string ?? "", arguments: call["arguments"]?.string ?? "")
        }
        self.tokens = tokens.compactMap(\.self)
        guard self.tokens.count == tokens.count else { return nil }
        sent = json["sent"]?.string
    }
}
