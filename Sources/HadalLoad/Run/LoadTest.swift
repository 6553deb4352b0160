import Foundation
import HadalClient
import HadalWire

/// Asks a server questions as many people would, and measures how it answers.
public struct LoadTest: Sendable {
    public struct Options: Sendable {
        public var arrival: Arrival
        public var workload: Workload
        /// For `Arrival.trace`.
        public var trace: LoadTrace?
        /// How many times as fast as it was recorded.
        public var traceSpeed = 1.0
        /// Seconds in which questions are asked; nil: until `questionsMax`, or the trace's end.
        public var seconds: Double?
        public var questionsMax: Int?
        /// Seconds at the beginning that do not count.
        public var warmUpSeconds = 0.0
        /// Seconds that answers have after the last question.
        public var drainSeconds = 600.0
        public var objectives: [Objective] = []

        public init(_ arrival: Arrival, _ workload: Workload) { (self.arrival, self.workload) = (arrival, workload) }
    }

    public struct Progress: Sendable {
        /// Seconds since it began.
        public var time: Double
        public var answered: Int
        public var failed: Int
        public var inFlight: Int
        public var tokensPerSecond: Double
    }

    /// Of an open load that the server does not keep up with.
    static let inFlightMax = 20_000

    private let client: HadalClient
    private let model: String
    private let options: Options

    /// - Parameter client: with as many connections as there may be questions at once.
    public init(_ client: HadalClient, model: String, _ options: Options) {
        (self.client, self.model, self.options) = (client, model, options)
    }

    /// - Parameter progress: is told each second.
    /// - Returns: what was measured; where its task is cancelled, until then.
    /// - Throws: `LoadError.noAnswer`.
    public func run(progress: @escaping @Sendable (Progress) -> Void = { _ in }) async throws -> LoadResult {
        let text = try await Calibration.text(client, model)
        let recorder = Recorder()
        let asker = Asker(
            client: client, model: model, ignoresEnd: options.workload.ignoresEnd, recorder: recorder, start: .now)
        let started = Date()
        let asked = await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while (try? await Task.sleep(for: .seconds(1))) != nil {
                    let (time, now) = (asker.now, recorder.progress(at: asker.now))
                    progress(
                        Progress(
                            time: time, answered: now.answered, failed: now.failed, inFlight: now.inFlight,
                            tokensPerSecond: now.tokensPerSecond))
                }
            }
            // The questions, as far as there is time for their answers.
            let questions = Task { await self.ask(asker, text) }
            let asked = await withTaskCancellationHandler {
                await self.value(of: questions, asker)
            } onCancel: {
                questions.cancel()
            }
            group.cancelAll()
            return asked
        }
        return LoadResult(
            model: model, options, started: started, until: asked, recorder.all)
    }

    /// - Returns: until when questions were asked, in seconds.
    private func value(of questions: Task<Double, Never>, _ asker: Asker) async -> Double {
        let limit = Task { [options] in
            guard let seconds = options.seconds else { return }
            try await Task.sleep(until: asker.start + .seconds(seconds + options.drainSeconds), clock: .continuous)
            questions.cancel()
        }
        defer { limit.cancel() }
        return await questions.value
    }

    private func ask(_ asker: Asker, _ text: PromptText) async -> Double {
        switch options.arrival {
        case .closed(let clients): await closed(clients, asker, text)
        case .open, .trace: await open(asker, text)
        }
        return options.seconds.map { min($0, asker.now) } ?? asker.now
    }

    private func closed(_ clients: Int, _ asker: Asker, _ text: PromptText) async {
        let rest = Countdown(options.questionsMax)
        await withTaskGroup(of: Void.self) { group in
            for client in 0..<clients {
                group.addTask {
                    var source = QuestionSource(options.workload, text, stream: UInt64(client))
                    while !isOver(asker), rest.take() {
                        await converse(source.next(), &source, planned: nil, asker) { !isOver(asker) && rest.take() }
                    }
                }
            }
        }
    }

    private func isOver(_ asker: Asker) -> Bool {
        Task.isCancelled || options.seconds.map { asker.now >= $0 } ?? false
    }

    private func open(_ asker: Asker, _ text: PromptText) async {
        var random = SeededGenerator(seed: options.workload.seed &+ 0xA24B_AED4_963E_E407)
        var source = QuestionSource(options.workload, text, stream: 0)
        var time = 0.0
        var count = 0
        await withDiscardingTaskGroup { group in
            while options.questionsMax.map({ count < $0 }) ?? true {
                let question: Question
                if let trace = options.trace {
                    guard count < trace.entries.count else { break }
                    time = trace.entries[count].time / options.traceSpeed
                    question = source.next(trace.entries[count])
                } else {
                    time += options.arrival.gap(&random)
                    question = source.next()
                }
                if options.seconds.map({ time >= $0 }) ?? false { break }
                do { try await Task.sleep(until: asker.start + .seconds(time), clock: .continuous) } catch { break }
                count += 1
                guard asker.recorder.inFlight < Self.inFlightMax else {
                    asker.recorder.begin()
                    asker.recorder.end(Sample(planned: time, end: time, failure: Failure.tooMany), pieces: [])
                    continue
                }
                let (planned, number) = (time, UInt64(count))
                group.addTask {
                    var further = QuestionSource(options.workload, text, stream: number)
                    await converse(question, &further, planned: planned, asker) { !isOver(asker) }
                }
            }
        }
    }

    /// A conversation to its end.
    /// - Parameter mayGoOn: is asked once before each further question.
    private func converse(
        _ question: Question, _ source: inout QuestionSource, planned: Double?, _ asker: Asker, mayGoOn: () -> Bool
    ) async {
        var question = question
        var answer = await asker.ask(question, planned: planned ?? asker.now)
        // A trace has its own conversations, if any.
        for _ in 1..<max(1, options.trace == nil ? options.workload.turns : 1) {
            guard let said = answer, (try? await Task.sleep(for: .seconds(options.workload.thinkSeconds))) != nil,
                mayGoOn()
            else { return }
            question = source.next(after: question, said)
            answer = await asker.ask(question, planned: asker.now)
        }
    }
}
