/// A matrix of a checkpoint: a tensor, or one of a tensor's many.
public struct WeightSource: Sendable, Hashable {
    public var tensor: String
    /// Which expert or head, where one tensor holds all of them; else 0.
    public var member: Int

    public init(tensor: String, member: Int) {
        self.tensor = tensor
        self.member = member
    }
}

/// Sees the rows that go into products, before they are quantized: what an importance matrix is made from.
public protocol ProductObserver: AnyObject {
    /// Called for each row on the thread that runs the step, in the order of the calls.
    ///
    /// - Parameter sources: the matrices that the row is multiplied by: they have the same inputs.
    func observe(_ row: UnsafeBufferPointer<Float>, before sources: [WeightSource])
}

extension CPUDevice {
    func tellObserver(_ x: StridedRows, rows: Int, before weight: CPULinear) {
        guard let observer, !weight.sources.isEmpty else { return }
        for row in 0..<rows {
            observer.observe(UnsafeBufferPointer(start: x.row(row), count: weight.inputs), before: weight.sources)
        }
    }
}
