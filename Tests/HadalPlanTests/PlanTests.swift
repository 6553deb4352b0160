import HadalCheckpoint
import HadalCompute
import HadalJSON
import HadalModels
import TestSupport
import Testing

@testable import HadalPlan

extension Hardware {
    /// Round figures.
    static let test = Hardware.given(memory: 24_000_000_000, bandwidth: 30e9, int8: 1e12)
}

@Suite(.timeLimit(.minutes(15)))
struct PlanTests {
    private static let settings = PlanSettings(predictsFromLayers: 16)

    private static func model(_ name: String) throws -> PlannedModel {
        try PlannedModel(#require(ModelCatalogue.published.find(name)))
    }

    private static func plan(
        _ name: String, on hardware: Hardware = .test, _ load: Load, prices: Prices? = nil
    ) throws -> Plan {
        try Plan(model(name), on: hardware, load: load, settings: settings, prices: prices)
    }

    /// Machines or accelerators of each format; one that serves nothing counts as endlessly many.
    private static func devices(_ plan: Plan) -> [Int] {
        plan.options.map { (try? $0.outcome.get().devices) ?? Int.max }
    }

    /// Whatever grows in a load, no format needs fewer machines for it.
    @Test func moreNeverNeedsLess() throws {
        let hardware = [Hardware.test, try HardwareTable.find("epyc-9654"), try HardwareTable.find("h100")]
        var random = SplitMix(state: 9)
        for (name, hardware) in zip(["r1-distill-qwen-7b", "v2-lite", "v3"], hardware) {
            let model = try Self.model(name)
            for _ in 0..<3 {
                let users = Int.random(in: 1...200, using: &random)
                let answer = Int.random(in: 20...400, using: &random)
                let prompt = Int.random(in: 20...1500, using: &random)
                func machines(_ change: (inout (users: Int, context: Int, prompt: Int, latency: Double)) -> Void)
                    throws -> [Int]
                {
                    var wish = (users: users, context: 3500, prompt: prompt, latency: 300.0)
                    change(&wish)
                    let load = try Load(
                        users: wish.users, context: wish.context, promptTokens: wish.prompt, answerTokens: answer,
                        latencyMax: wish.latency)
                    return Self.devices(try Plan(model, on: hardware, load: load, settings: Self.settings))
                }
                let base = try machines { _ in }
                for more in [
                    try machines { $0.users *= 2 }, try machines { $0.context = 4096 },
                    try machines { $0.prompt *= 2 }, try machines { $0.latency = 100 },
                ] {
                    for (few, many) in zip(base, more) { #expect(many >= few) }
                }
            }
        }
    }

    @Test func whatIsRecommendedServesTheLoad() throws {
        let load = try Load(users: 20, latencyMax: 300)
        let plan = try Self.plan("r1-distill-qwen-7b", load)
        let best = try plan.options[#require(plan.recommended)].outcome.get()
        #expect(best.replica.memory.total <= Hardware.test.usableMemory)
        #expect(best.replica.latency <= load.latencyMax)
        #expect(best.replica.capacity * Double(best.replicas) >= load.answersPerMinute)
        #expect(best.devices == Self.devices(plan).min())
    }

    @Test func whatDoesNotFitSaysWhy() throws {
        let plan = try Self.plan("r1", Load())
        #expect(plan.recommended == nil)
        for option in plan.options {
            guard case .failure(.memory(let need, let usable, _)) = option.outcome else {
                Issue.record("\(option.format) fits")
                continue
            }
            #expect(need.total > usable)
        }
        // 671 thousand millions of parameters in 8 bits, on 8 accelerators of 141 GB.
        let large = try Self.plan("r1", on: HardwareTable.find("h200"), Load(users: 100))
        #expect(try large.options[0].outcome.get().replica.devices == 8)
        #expect(large.notes.contains { $0.contains("docs/cuda.md") })
    }

    // MARK: one accelerator and a machine's memory together

    private static func beside(_ name: String, _ load: Load, card: Hardware? = nil, host: String = "epyc-9755") throws
        -> Plan
    {
        var settings = settings
        settings.beside = try HardwareTable.find(host)
        return try Plan(model(name), on: card ?? HardwareTable.find("l40s"), load: load, settings: settings)
    }

    @Test func expertsThatDoNotFitAreTheProcessors() throws {
        let load = try Load(users: 2, answersPerMinute: 0.2, latencyMax: 600)
        #expect(
            try Self.plan("r1", on: HardwareTable.find("l40s"), load).options.allSatisfy { option in
                (try? option.outcome.get().replica.devices) ?? 16 > 1
            })
        let plan = try Self.beside("r1", load)
        let option = try plan.options[#require(plan.recommended)]
        let served = try option.outcome.get()
        #expect(served.replica.devices == 1)
        #expect(served.replica.memory.total <= plan.hardware.usableMemory)
        // Most of it is experts.
        #expect(Double(served.replica.memory.beside) > 0.8 * Double(option.storedBytes))
        #expect(plan.advice.contains { $0.contains("--device cuda") && $0.contains("--kv-cache") })
        #expect(plan.json["beside"]?["name"]?.string == "epyc-9755")

        // A step is what the card reads of it and what the processor does, one after the other.
        let weights = try Self.model("r1").weights.packed(as: .q4_K)
        let card = plan.hardware
        let host = try #require(plan.settings.beside).overridden(memory: nil, bandwidth: 50e9, int8: nil)
        func seconds(_ share: Double) -> Double {
            Roofline(weights, card, cacheFormat: .f16)
                .sharing(share, with: Roofline(weights, host, cacheFormat: .f16)).decode(batch: 1, length: 1).seconds
        }
        #expect(seconds(0) == Roofline(weights, card, cacheFormat: .f16).decode(batch: 1, length: 1).seconds)
        // 58 layers of 8 experts of 3 × 2048 × 7168 numbers, 4.5 bits each and some more, once through the slow memory.
        let reading = 58 * 8 * 3 * 2048 * 7168 * 4.5 / 8 / (host.bandwidth * Efficiency.experts.memory)
        #expect((0.9...1.3).contains((seconds(1) - seconds(0)) / reading), "\(seconds(1)) \(seconds(0)) \(reading)")
    }

    /// The larger the card, the more experts are its own and the faster it is.
    @Test func moreOfTheCardIsFaster() throws {
        let load = try Load(users: 1, answersPerMinute: 0.1, latencyMax: 3000)
        var before: Replica?
        for gigabytes in [12, 16, 24, 48] {
            let card = try HardwareTable.find("rtx-4090").overridden(memory: gigabytes << 30, bandwidth: nil, int8: nil)
            let plan = try Self.beside("v2-lite", load, card: card)
            let replica = try plan.options[0].outcome.get().replica
            if let before {
                #expect(replica.memory.beside < before.memory.beside && replica.decodeAlone > before.decodeAlone)
            }
            before = replica
        }
        #expect(before?.memory.beside == 0)
    }

    @Test func whatTheMachineHasNoRoomForIsSaid() throws {
        let plan = try Self.beside("r1", Load(users: 1, latencyMax: 3000), host: "epyc-9654")
        guard case .failure(let misfit) = plan.options[0].outcome else {
            Issue.record("671 GB in 384")
            return
        }
        #expect("\(misfit)".contains("of the machine's memory for experts"), "\(misfit)")
        // Without experts nothing can be given away.
        let dense = try Self.beside("r1-distill-qwen-32b", Load(users: 1, latencyMax: 3000))
        #expect(dense.options.compactMap { try? $0.outcome.get().replica.memory.beside }.allSatisfy { $0 == 0 })
        guard case .failure(.memory) = dense.options[0].outcome else {
            Issue.record("32 thousand millions in 16 bits on 48 GB")
            return
        }
    }

    @Test func anAnswerThatTakesTooLongIsRefused() throws {
        let plan = try Self.plan("r1-distill-qwen-1.5b", Load(users: 1, latencyMax: 5))
        guard case .failure(.latency(_, let seconds, 5)) = plan.options[0].outcome else {
            Issue.record("BF16 in 5 s")
            return
        }
        #expect(seconds > 5)
    }

    /// One replica's steps are what the memory's bandwidth allows.
    @Test func oneSequenceIsBoundByMemory() throws {
        let weights = try Self.model("r1-distill-qwen-7b").weights.packed(as: .q8_0)
        let step = Roofline(weights, .test, cacheFormat: .f16).decode(batch: 1, length: 1)
        let table = 152_064 * 3584 / 32 * 34
        #expect(step.isBoundByMemory)
        #expect(abs(step.weightBytes / Double(weights.storedBytes - table) - 1) < 0.01)
        #expect(abs(step.seconds / (step.weightBytes / 30e9 / Efficiency.dense.memory) - 1) < 0.01)
    }

    @Test func costsAreWrittenOffEvenly() throws {
        let prices = try Prices(
            machine: 35_040, years: 4, watts: 1000, kilowattHour: 0.5, cloudPrompt: 1, cloudAnswer: 4)
        let load = try Load(users: 10, answersPerMinute: 2, promptTokens: 1000, answerTokens: 300)
        let plan = try Self.plan("r1-distill-qwen-1.5b", load, prices: prices)
        let served = try plan.options[#require(plan.recommended)].outcome.get()
        let cost = try #require(served.cost)
        // 1 an hour for the machine and 0.5 for power.
        let month = Double(served.replicas) * 1.5 * 730
        let millions: Double = 2 * 60 * 730 * 1300 / 1e6
        #expect(abs(cost.perMonth - month) < 0.01)
        #expect(abs(cost.perMillion - month / millions) < 1e-6)
        #expect(cost.perMillionFull <= cost.perMillion)
        let cloud = try #require(cost.cloudPerMillion)
        #expect(abs(cloud - 2200.0 / 1300) < 1e-9)
    }

    @Test func whatIsNotPossibleIsSaid() throws {
        #expect(throws: PlanError.self) { try Load(users: 0) }
        #expect(throws: PlanError.self) { try Load(answersPerMinute: .nan) }
        #expect(throws: PlanError.contextTooShort(context: 100, prompt: 1000, answer: 300)) { try Load(context: 100) }
        #expect(throws: PlanError.contextTooLong(asked: 8192, model: 4096)) {
            try Self.plan("llm-7b", Load(context: 8192))
        }
        #expect(throws: PlanError.self) { try Prices(machine: -1) }
        #expect(throws: PlanError.unknownHardware("abacus")) { try HardwareTable.find("abacus") }
        #expect(throws: ModelError.self) { try ModelShape(config: .null) }
        #expect(throws: ModelError.self) {
            try ModelShape(config: JSON(parsing: Array(#"{"model_type": "llama", "hidden_size": -1}"#.utf8)))
        }
        #expect(throws: ModelError.self) {
            try ModelShape(config: JSON(parsing: Array(#"{"model_type": "deepseek_v4", "hidden_size": 8}"#.utf8)))
        }
    }

    /// A configuration that lies about its size is refused, not counted until numbers overflow.
    @Test func absurdSizesAreRefused() throws {
        let config = """
            {"model_type": "llama", "hidden_size": 16777216, "num_hidden_layers": 1024, "head_dim": 4096,
             "intermediate_size": 1, "num_attention_heads": 4096, "rms_norm_eps": 1e-6, "vocab_size": 1,
             "max_position_embeddings": 67108864}
            """
        let model = try PlannedModel(CatalogueModel("absurd", "nobody/absurd", .bf16, 1, config))
        let load = try Load(users: 10_000_000, context: 1 << 26)
        #expect(throws: PlanError.self) { try Plan(model, on: .test, load: load, settings: Self.settings) }
    }

    @Test func everythingIsInTheJSON() throws {
        let plan = try Self.plan("r1-distill-qwen-1.5b", Load(users: 2, latencyMax: 600), prices: Prices(machine: 1000))
        let json = try JSON(parsing: Array(plan.json.text.utf8))
        let formats = try #require(json["formats"]?.array)
        #expect(formats.count == plan.options.count)
        for (format, option) in zip(formats, plan.options) {
            let served = try option.outcome.get()
            #expect(format["format"]?.string == option.format)
            #expect(format["memory"]?["total"]?.int == served.replica.memory.total)
            #expect(format["replicas"]?.int == served.replicas)
            #expect(format["cost"]?["per_month"]?.double == served.cost?.perMonth)
        }
        #expect(json["recommended"]?.string == plan.recommended.map { plan.options[$0].format })
        #expect(json["kv_bytes_per_token"]?["f16"]?.double == plan.cacheBytesPerToken[.f16])
    }

    @Test func whatHadalCannotRunYetIsSaid() throws {
        let hardware = try HardwareTable.find("epyc-9755")
        for name in ["v3.2", "v4-flash"] {
            let plan = try Self.plan(name, on: hardware, Load())
            #expect(plan.notes.contains { $0.contains("no graph") })
        }
        #expect(try Self.plan("v2-lite", on: hardware, Load()).notes.allSatisfy { !$0.contains("no graph") })
    }
}
