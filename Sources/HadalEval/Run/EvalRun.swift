import Foundation
import HadalClient
import HadalJSON
import HadalWire
import Synchronization

/// Puts a model through a suite.
public struct EvalRun: Sendable {
    public struct Options: Sendable {
        /// Asked at the same time.
        public var parallel = 4
        public var seed: UInt64 = 1
        public var temperature = 0.0
        /// Of the model that judges; nil: such graders are left open.
        public var judge: String?

        public init() {}
    }

    private let client: HadalClient
    private let model: String
    private let options: Options

    public init(_ client: HadalClient, model: String, _ options: Options = Options()) {
        (self.client, self.model, self.options) = (client, model, options)
    }

    /// - Parameter progress: is told after each item.
    /// - Returns: what came of it; items that could not be asked have failed with the reason.
    public func run(
        _ suite: EvalSuite, progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) async -> EvalResult {
        let started = Date()
        let all = suite.scenarios.indices.flatMap { scenario in
            suite.scenarios[scenario].items.indices.map { (scenario: scenario, item: $0) }
        }
        let work = Work(suite, all.count)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<max(1, min(options.parallel, all.count)) {
                group.addTask {
                    while !Task.isCancelled, let number = work.take() {
                        let place = all[number]
                        let scenario = suite.scenarios[place.scenario]
                        let outcome = await ask(scenario.items[place.item], scenario)
                        progress(work.put(outcome, place.scenario, place.item), all.count)
                    }
                }
            }
        }
        let scenarios = zip(suite.scenarios, work.outcomes).map { scenario, items in
            EvalResult.Scenario(
                scenario, items.map { $0 ?? EvalResult.Item(answer: "", problems: ["it was not asked"]) })
        }
        return EvalResult(
            suite: suite.name, model: model, started: started, seconds: Date().timeIntervalSince(started),
            scenarios: scenarios)
    }

    private func ask(_ item: EvalSuite.Item, _ scenario: EvalSuite.Scenario) async -> EvalResult.Item {
        var messages: [ChatMessage] = []
        if let system = item.system { messages.append(ChatMessage(role: .system, content: system)) }
        let start = ContinuousClock.now
        var answer: ChatAnswer?
        for (index, turn) in item.turns.enumerated() {
            messages.append(ChatMessage(role: .user, content: turn))
            var call = ChatCall(model: model, messages: messages)
            (call.temperature, call.seed, call.maximumTokens) = (options.temperature, options.seed, item.answerTokens)
            // Of earlier turns only the text counts.
            if index == item.turns.count - 1 { (call.tools, call.schema) = (item.tools, item.schema) }
            do {
                let said = try await client.answer(call)
                messages.append(said.message)
                answer = said
            } catch { return EvalResult.Item(answer: "", problems: ["\(error)"]) }
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        var result = EvalResult.Item(answer: shown(answer!), problems: [])
        result.seconds = seconds
        result.tokens = answer!.usage.completionTokens
        if let label = item.label {
            let found = Self.label(in: answer!.content, of: scenario.labels)
            (result.label, result.found) = (label, found ?? "none")
            if found != label { result.problems.append("says \(found ?? "none of the labels") instead of \(label)") }
        }
        for grader in item.graders {
            switch grader.verdict(on: answer!) {
            case .passed: break
            case .failed(let problem): result.problems.append(problem)
            case .open(let question):
                guard let judge = options.judge else {
                    result.open.append(question)
                    continue
                }
                if let problem = await Judge(client, model: judge).problem(question, messages) {
                    result.problems.append(problem)
                }
            }
        }
        return result
    }

    private func shown(_ answer: ChatAnswer) -> String {
        answer.toolCalls.reduce(answer.content) { $0 + ($0.isEmpty ? "" : "\n") + "→ \($1.name)(\($1.arguments))" }
    }

    /// The one label that is in the text; where several are, the one that stands alone in its last line.
    static func label(in text: String, of labels: [String]) -> String? {
        let found = labels.filter { text.range(of: $0, options: .caseInsensitive) != nil }
        if found.count == 1 { return found[0] }
        let last = text.split(separator: "\n").last.map { Grader.plain(String($0)) }
        return labels.first { Grader.plain($0) == last }
    }
}

/// What several tasks take from, and put into.
private final class Work: Sendable {
    private struct State {
        var next = 0
        var done = 0
        var outcomes: [[EvalResult.Item?]]
    }

    private let count: Int
    private let state: Mutex<State>

    init(_ suite: EvalSuite, _ count: Int) {
        self.count = count
        state = Mutex(State(outcomes: suite.scenarios.map { Array(repeating: nil, count: $0.items.count) }))
    }

    /// nil: there is no more.
    func take() -> Int? {
        state.withLock { state in
            guard state.next < count else { return nil }
            state.next += 1
            return state.next - 1
        }
    }

    /// - Returns: how many are done.
    func put(_ outcome: EvalResult.Item, _ scenario: Int, _ item: Int) -> Int {
        state.withLock { state in
            state.outcomes[scenario][item] = outcome
            state.done += 1
            return state.done
        }
    }

    var outcomes: [[EvalResult.Item?]] { state.withLock(\.outcomes) }
}
