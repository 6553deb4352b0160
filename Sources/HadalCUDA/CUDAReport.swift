import Foundation

/// What there is for CUDA on this machine, what is missing, and how to mend it: for `hadal doctor`.
public struct CUDAReport: Sendable, Hashable {
    /// Something that keeps a card from being used.
    public struct Problem: Sendable, Hashable {
        public var text: String
        public var advice: String

        init(_ error: CUDAError) { (text, advice) = (error.description, error.advice) }
    }

    public struct Card: Sendable, Hashable {
        public var card: CUDACard
        /// Bytes; nil where the card cannot be used.
        public var freeMemory: Int?
        public var problem: Problem?
    }

    /// The version of CUDA that the driver serves, `12.4`.
    public var driver: String?
    public var driverProblem: Problem?
    public var cards: [Card] = []
    /// NVRTC's version, and where it is.
    public var compiler: String?
    public var compilerPath: String?
    public var compilerProblem: Problem?
    /// Where compiled kernels are kept.
    public var cacheDirectory: String
    /// Of a choice by `HADAL_CUDA_DEVICE`.
    public var choiceProblem: Problem?

    /// A context is made on each card, as it would be for a model: that takes about a second.
    public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.init(
            environment: environment, openDriver: { () throws(CUDAError) in try CUDADriver.open() },
            openCompiler: { (major) throws(CUDAError) in
                try NVRTC.open(cudaMajor: major, environment: environment)
            })
    }

    package init(
        environment: [String: String], openDriver: () throws(CUDAError) -> CUDADriver,
        openCompiler: (_ cudaMajor: Int) throws(CUDAError) -> NVRTC
    ) {
        cacheDirectory = CubinCache.standard(environment: environment).directory
        var cudaMajor = 12
        do throws(CUDAError) {
            let choice = try CUDACardChoice(environment: environment)
            choice.makeVisible()
        } catch { choiceProblem = Problem(error) }
        do throws(CUDAError) {
            let driver = try openDriver()
            cudaMajor = driver.majorVersion
            self.driver = driver.version
            cards = try CUDACard.all(driver).map { CUDAReport.card($0, driver) }
            if cards.isEmpty { driverProblem = Problem(.noCard) }
            if choiceProblem == nil { _ = try CUDACardChoice(environment: environment).card(driver) }
        } catch  where driver == nil || cards.isEmpty {
            driverProblem = Problem(error)
        } catch { choiceProblem = Problem(error) }
        do throws(CUDAError) {
            let compiler = try openCompiler(cudaMajor)
            (self.compiler, compilerPath) = (compiler.version, compiler.path)
        } catch { compilerProblem = Problem(error) }
    }

    private static func card(_ card: CUDACard, _ driver: CUDADriver) -> Card {
        var own = Card(card: card)
        guard card.capability >= .least else {
            own.problem = Problem(.unsuitedCard(card.name, card.capability))
            return own
        }
        do throws(CUDAError) { own.freeMemory = try CUDAContext(driver, card).memory.free } catch {
            own.problem = Problem(error)
        }
        return own
    }
}
