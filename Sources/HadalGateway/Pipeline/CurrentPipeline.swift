import Synchronization

/// The pipeline by which requests go now. A new configuration is a new pipeline; requests that are on their way go on by the
/// one they began with.
final class CurrentPipeline: Sendable {
    typealias Make = @Sendable (_ configuration: GatewayConfiguration, _ previous: Pipeline?) throws -> Pipeline

    private let pipeline: Mutex<Pipeline>
    private let make: Make

    /// - Parameter make: makes a pipeline of a configuration, over the same workers, stores and places.
    init(_ configuration: GatewayConfiguration, make: @escaping Make) throws {
        self.make = make
        pipeline = Mutex(try make(configuration, nil))
    }

    var now: Pipeline { pipeline.withLock { $0 } }

    /// - Throws: what is wrong; the old one stays.
    func use(_ configuration: GatewayConfiguration) throws {
        let new = try make(configuration, now)
        pipeline.withLock { $0 = new }
    }
}
