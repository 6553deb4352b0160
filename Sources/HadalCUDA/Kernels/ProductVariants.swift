import HadalCUDAKernels

/// The same product for different numbers of rows at once. The bits are the same; which is chosen is a matter of time alone.
struct ProductVariants<Arguments: BitwiseCopyable>: Sendable {
    private struct Variant: Sendable {
        let kernel: CUDAKernel<Arguments>
        /// Rows that a block computes.
        let height: Int

        init(_ name: String, height: Int, _ modules: CUDAModules) throws(CUDAError) {
            kernel = try modules.kernel("\(name)_\(height)_rows", threads: 256)
            self.height = height
        }
    }

    /// The lowest first.
    private let narrow: [Variant]
    /// They read less for each product, and want many rows; the highest first.
    private let wide: [Variant]

    init(_ name: String, heights: [Int], wide: [Int] = [], _ modules: CUDAModules) throws(CUDAError) {
        var (own, others): ([Variant], [Variant]) = ([], [])
        for height in heights { own.append(try Variant(name, height: height, modules)) }
        for height in wide { others.append(try Variant(name + "_wide", height: height, modules)) }
        (self.narrow, self.wide) = (own, others)
    }

    /// What computes all of the rows by one weight, or by each of `members`.
    ///
    /// - Parameter multiprocessors: the card's; a grid with fewer blocks leaves some idle.
    func chosen(
        _ weight: CUDAWeight, rows: Int, members: Int = 1, multiprocessors: Int
    ) -> (kernel: CUDAKernel<Arguments>, grid: LaunchGrid) {
        for variant in wide where weight.format == .f16 || weight.format.isQuantized && variant.height <= 64 {
            let grid = LaunchGrid.wide(outputs: weight.outputs, tiles: LaunchGrid.tiles(rows, of: variant.height))
            if grid.x * grid.y >= multiprocessors { return (variant.kernel, grid) }
        }
        let variant = lowest(for: rows)
        let tiles = LaunchGrid.tiles(rows, of: variant.height)
        return (variant.kernel, .product(outputs: weight.outputs, tiles: tiles, members: members))
    }

    /// What computes rows that are one member's each: which has how many only the card knows, so that it is chosen as if all had as many.
    func chosenForExperts(
        _ weight: CUDAWeight, rows: Int, multiprocessors: Int
    ) -> (kernel: CUDAKernel<Arguments>, grid: LaunchGrid) {
        let mean = (rows + weight.count - 1) / weight.count
        func tiles(_ variant: Variant) -> Int { min(rows, weight.count + rows / variant.height) }
        if let variant = wide.last, weight.format != .f32, mean >= variant.height / 2 {
            let grid = LaunchGrid.wide(outputs: weight.outputs, tiles: tiles(variant))
            if grid.x * grid.y >= multiprocessors { return (variant.kernel, grid) }
        }
        let variant = lowest(for: mean)
        return (variant.kernel, .product(outputs: weight.outputs, tiles: tiles(variant)))
    }

    /// That takes all rows at once, or the highest.
    private func lowest(for rows: Int) -> Variant { narrow.first { $0.height >= rows } ?? narrow[narrow.count - 1] }
}
