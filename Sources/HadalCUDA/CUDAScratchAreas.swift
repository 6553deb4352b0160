/// What operations keep for themselves between one kernel and the next.
struct CUDAScratchAreas {
    /// Rows as float16, their factors, and the sums of their blocks.
    var rounded = CUDAScratch()
    var factors = CUDAScratch()
    var sums = CUDAScratch()
    /// Attention's pieces.
    var partials = CUDAScratch()
    /// A step's arrays; rows to gather, spans of `attendWithin`.
    var step = CUDAScratch()
    var indices = CUDAScratch()
    /// The last `route`, and the experts' rows.
    var routing = CUDAScratch()
    var experts = CUDAScratch()
    /// Cosines and sines by the address of their frequencies.
    var angles: [UInt: CUDAScratch] = [:]

    var bytes: Int {
        let areas = [rounded, factors, sums, partials, step, indices, routing, experts] + angles.values
        return areas.reduce(0) { $0 + $1.bytes }
    }
}
