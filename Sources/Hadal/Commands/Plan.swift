import ArgumentParser
import Foundation
import HadalCheckpoint
import HadalCompute
import HadalConfiguration
import HadalEngine
import HadalJSON
import HadalModels
import HadalPlan
import HadalStore

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Tell what a model needs for a load: memory, speed, machines, cost.",
        discussion: """
            MODEL is one on disk, or a published one before it is downloaded, by its name or repository:
            \(ModelCatalogue.published.entries.map(\.name).joined(separator: ", ")).

            Without --hardware this machine is measured for a few seconds. By name:
            \(HardwareTable.entries.map(\.name).joined(separator: ", ")).

            Examples:
              hadal plan r1-distill-qwen-7b --users 20
              hadal plan /models/model.gguf --context 8192 --answers-per-minute 5 --json
              hadal plan r1 --hardware h200 --users 500 --target-latency 120
              hadal plan r1 --hardware l40s --beside epyc-9755 --users 5
              hadal plan v2-lite --bandwidth 200 --memory 64GB --peak 10
              hadal plan r1-distill-qwen-32b --hardware l40s --machine-price 30000 --watts 900 --cloud-price 2.2
            """)

    @Argument(help: "The model.") var model: String
    @OptionGroup(title: "Load") var load: LoadOptions
    @OptionGroup(title: "Machines") var machines: HardwareOptions
    @OptionGroup(title: "Cost") var prices: PriceOptions
    @Option(help: "How keys and values are kept: f16, int8 or f32.") var kvFormat = KVCacheShape.Format.f16
    @Option(
        help: ArgumentHelp(
            "Answers computed at the same time at most. Default: 32 on processors, 256 on accelerators.",
            valueName: "requests"))
    var batch: Int?
    @Flag(help: "Write JSON.") var json = false
    @OptionGroup(title: "Encrypted models") var secrets: Secrets.Options

    func validate() throws {
        if let batch, batch < 1 { throw ValidationError("--batch must be at least 1") }
    }

    func run() async throws {
        do {
            let plan = try await plan()
            print(json ? plan.json.text : PlanReport(plan).text)
        } catch let error as PlanError {
            throw ValidationError(error.description)
        }
    }

    private func plan() async throws -> Plan {
        let model = try await planned()
        let load = try load.load(context: model.shape.context)
        let prices = try prices.prices()
        var settings = PlanSettings(
            cacheFormat: kvFormat, batchMax: batch, predictsFromLayers: SpeculationOptions().predictorLayersMin)
        settings.beside = try machines.foundBeside()
        return try Plan(model, on: machines.found(), load: load, settings: settings, prices: prices)
    }

    /// What is here comes before the catalogue.
    private func planned() async throws -> PlannedModel {
        let path: String
        do { path = try ModelFiles.resolve(model) } catch {
            // Says why, where it is there and cannot be used.
            _ = try ModelStore().find(model)
            let catalogue = try secrets.data.settings().store.modelCatalogue()
            guard let entry = catalogue.find(model) else { throw PlanError.unknownModel(model) }
            return try PlannedModel(entry)
        }
        return try PlannedModel(
            Checkpoint.open(path, opener: try await secrets.opener(for: path)), name: ModelFiles.name(of: path))
    }
}

extension PlanCommand {
    struct LoadOptions: ParsableArguments {
        @Option(help: "People who have a conversation open.") var users = 10
        @Option(
            help: ArgumentHelp(
                "The most tokens of a conversation. Default: 4096, or what the model was trained for.",
                valueName: "tokens"))
        var context: Int?
        @Option(
            help: ArgumentHelp("Of all users together. Default: one every two minutes of each.", valueName: "answers"))
        var answersPerMinute: Double?
        @Option(
            help: ArgumentHelp(
                "Tokens to compute for an answer, the prefix cache aside. Default: 1000, at most half of --context.",
                valueName: "tokens"))
        var promptTokens: Int?
        @Option(
            help: ArgumentHelp("Of an answer. Default: 300, at most a quarter of --context.", valueName: "tokens"))
        var answerTokens: Int?
        @Option(help: ArgumentHelp("Seconds that a whole answer may take.", valueName: "seconds"))
        var targetLatency = 60.0

        /// - Parameter context: of the model.
        func load(context trained: Int) throws -> Load {
            let context = context ?? min(4096, trained)
            return try Load(
                users: users, context: context, answersPerMinute: answersPerMinute,
                promptTokens: promptTokens ?? max(1, min(1000, context / 2)),
                answerTokens: answerTokens ?? max(1, min(300, context / 4)), latencyMax: targetLatency)
        }
    }

    struct HardwareOptions: ParsableArguments {
        @Option(help: "A machine by its name. Default: this one, measured.") var hardware: String?
        @Option(
            help: ArgumentHelp(
                "The processor of the machine that one accelerator is in, by its name, or 'this': it computes the experts "
                    + "that do not fit on the accelerator.", valueName: "machine"))
        var beside: String?
        @Option(help: ArgumentHelp("Of memory, in GB/s.", valueName: "GB/s")) var bandwidth: Double?
        @Option(help: ArgumentHelp("Of the machine, for example 64GB.", valueName: "size")) var memory: ByteSize?
        @Option(help: ArgumentHelp("8-bit integer operations, in TOPS.", valueName: "TOPS")) var peak: Double?

        func validate() throws {
            for (name, value) in [("--bandwidth", bandwidth), ("--peak", peak)] {
                guard let value else { continue }
                guard value > 0, value < 1e9 else { throw ValidationError("\(name) is a positive number") }
            }
            if beside != nil, hardware == nil {
                throw ValidationError("--beside goes with an accelerator (--hardware)")
            }
            guard memory.map({ $0.bytes <= 1 << 50 }) ?? true else {
                throw ValidationError("--memory is at most 1024TiB")
            }
        }

        func foundBeside() throws -> Hardware? {
            guard let beside else { return nil }
            guard try hardware.map(HardwareTable.find)?.kind == .accelerator else {
                throw ValidationError("--beside goes with an accelerator; \(hardware ?? "") is a processor itself")
            }
            let host =
                beside == "this"
                ? Hardware(try MachineProbe.measure(), memory: MemoryStatus.total) : try HardwareTable.find(beside)
            guard host.kind == .processor else { throw ValidationError("--beside is a processor; \(beside) is none") }
            return host
        }

        func found() throws -> Hardware {
            let (bandwidth, int8) = (bandwidth.map { $0 * 1e9 }, peak.map { $0 * 1e12 })
            if hardware == nil, let bandwidth, let int8, let memory {
                return .given(memory: memory.bytes, bandwidth: bandwidth, int8: int8)
            }
            let base =
                if let hardware {
                    try HardwareTable.find(hardware)
                } else {
                    Hardware(try MachineProbe.measure(), memory: MemoryStatus.total)
                }
            return base.overridden(memory: memory?.bytes, bandwidth: bandwidth, int8: int8)
        }
    }

    struct PriceOptions: ParsableArguments {
        @Option(help: ArgumentHelp("Of what one replica runs on, accelerators included.", valueName: "money"))
        var machinePrice: Double?
        @Option(help: "Until it is written off.") var years = 4.0
        @Option(help: "That it draws.") var watts = 0.0
        @Option(help: ArgumentHelp("Of a kilowatt-hour.", valueName: "money")) var powerPrice = 0.0
        @Option(help: ArgumentHelp("Under this load; it draws power all day.", valueName: "hours"))
        var hoursPerDay = 24.0
        @Option(help: ArgumentHelp("Of a million tokens of answers elsewhere.", valueName: "money"))
        var cloudPrice: Double?
        @Option(
            help: ArgumentHelp("Of a million tokens of prompts elsewhere. Default: as answers.", valueName: "money"))
        var cloudPromptPrice: Double?

        func validate() throws {
            if machinePrice == nil, cloudPrice != nil || cloudPromptPrice != nil {
                throw ValidationError("a cloud's price is compared with --machine-price, which is missing")
            }
            if cloudPrice == nil, cloudPromptPrice != nil {
                throw ValidationError("--cloud-prompt-price goes with --cloud-price")
            }
        }

        /// Nil where no price was given.
        func prices() throws -> Prices? {
            try machinePrice.map {
                try Prices(
                    machine: $0, years: years, watts: watts, kilowattHour: powerPrice, hoursPerDay: hoursPerDay,
                    cloudPrompt: cloudPromptPrice, cloudAnswer: cloudPrice)
            }
        }
    }
}
