/// One tensor of a checkpoint: a checked view into a memory-mapped file.
public struct Tensor: Sendable {
    public let name: String
    public let format: TensorFormat
    public let layout: TensorLayout
    /// Outermost dimension first, as in PyTorch: a linear layer's weight is `[outputs, inputs]`.
    public let shape: [Int]
    /// Lies inside the mapping of `file`; its length is exactly what `format` and `shape` ask for. May begin at any
    /// address: safetensors files promise no alignment.
    public nonisolated(unsafe) let data: UnsafeRawBufferPointer
    /// Keeps the mapping alive.
    public let file: MappedFile
    /// DeepSeek's FP8 checkpoints: one float32 factor (`weight_scale_inv`) for each 128×128 block of the weight,
    /// shape `[⌈outputs/128⌉, ⌈inputs/128⌉]`; the matrices of a stacked `[E, outputs, inputs]` follow each other.
    public let blockScale: BlockScale?
    /// Which of the named tensor's first dimension this is, where it was cut out by `slice(_ index:)`.
    public private(set) var index: Int?

    public struct BlockScale: Sendable {
        /// Rows and columns of the weight that share a factor.
        public static let side = 128

        public let rows: Int
        public let columns: Int
        public let values: [Float]

        public init(rows: Int, columns: Int, values: [Float]) {
            precondition(values.count == rows * columns, "a block scale has rows × columns values")
            self.rows = rows
            self.columns = columns
            self.values = values
        }
    }

    /// Checks that `data` lies in `file` and is as long as `format` and `shape` ask for.
    public init(
        name: String, format: TensorFormat, layout: TensorLayout = .rows, shape: [Int], data: UnsafeRawBufferPointer,
        file: MappedFile, blockScale: BlockScale? = nil
    ) throws(CheckpointError) {
        guard let expected = Tensor.byteCount(format: format, shape: shape, layout: layout) else {
            throw .shape(tensor: name, problem: "\(format.name) cannot have the shape \(shape)")
        }
        guard data.count == expected, file.contains(data) else {
            throw .shape(tensor: name, problem: "\(data.count) bytes of data where \(expected) belong")
        }
        self.name = name
        self.format = format
        self.layout = layout
        self.shape = shape
        self.data = data
        self.file = file
        self.blockScale = blockScale
        if let blockScale {
            guard (blockScale.rows, blockScale.columns) == (matrices * blockRows, blockColumns) else {
                throw .shape(tensor: name, problem: "[\(blockScale.rows), \(blockScale.columns)] block factors")
            }
        }
    }

    /// A tensor in memory, of bytes in `format`.
    public init(name: String, format: TensorFormat, shape: [Int], bytes: [UInt8]) throws(CheckpointError) {
        let file = MappedFile(copying: bytes)
        try self.init(name: name, format: format, shape: shape, data: file.bytes, file: file)
    }

    /// A float32 tensor in memory.
    public init(name: String, shape: [Int], values: [Float]) throws(CheckpointError) {
        let file = values.withUnsafeBytes { MappedFile(copying: $0) }
        try self.init(name: name, format: .f32, shape: shape, data: file.bytes, file: file)
    }

    /// The same tensor, without a whole file that lies in memory behind it.
    public func detached() throws(CheckpointError) -> Tensor {
        guard file.isInMemory, data.count < file.bytes.count else { return self }
        let own = try MappedFile(path: file.path, byteCount: data.count) { $0.copyMemory(from: data) }
        return try Tensor(
            name: name, format: format, layout: layout, shape: shape, data: own.bytes, file: own,
            blockScale: blockScale)
    }

    /// The same tensor with factors for its blocks.
    func scaled(by blockScale: BlockScale) throws(CheckpointError) -> Tensor {
        try Tensor(name: name, format: format, shape: shape, data: data, file: file, blockScale: blockScale)
    }

    /// Bytes of a tensor; nil where a dimension is negative, the last is no whole number of blocks, or the size does
    /// not fit.
    static func byteCount(format: TensorFormat, shape: [Int], layout: TensorLayout = .rows) -> Int? {
        if layout == .panels { return TensorLayout.panelBytes(format: format, shape: shape) }
        guard shape.allSatisfy({ $0 >= 0 }), (shape.last ?? 1) % format.blockSize == 0 else { return nil }
        // A zero must not hide an overflow of the others.
        let (blocks, overflow) = product(shape.dropLast() + [(shape.last ?? 1) / format.blockSize])
        guard !overflow else { return nil }
        let (bytes, tooLarge) = blocks.multipliedReportingOverflow(by: format.blockBytes)
        let (_, tooMany) = blocks.multipliedReportingOverflow(by: format.blockSize)
        return tooLarge || tooMany ? nil : bytes
    }

    private static func product(_ values: [Int]) -> (Int, Bool) {
        var result = 1
        for value in values where value != 0 {
            let (next, overflow) = result.multipliedReportingOverflow(by: value)
            if overflow { return (0, true) }
            result = next
        }
        return (values.contains(0) ? 0 : result, false)
    }
}

extension Tensor {
    /// Values in all.
    public var count: Int { shape.reduce(1, *) }

    /// The last dimension: values that lie next to each other. 1 for a single number.
    public var columns: Int { shape.last ?? 1 }

    /// All dimensions but the last, multiplied.
    public var rows: Int { shape.dropLast().reduce(1, *) }

    /// Where `data` begins in `file`.
    public var fileOffset: Int {
        guard let start = data.baseAddress, let first = file.bytes.baseAddress else { return 0 }
        return start - first
    }

    /// Of `layout.rows`.
    public var bytesPerRow: Int { columns / format.blockSize * format.blockBytes }

    /// `[rows, columns]` matrices in a stack; 1 for a matrix, and for a vector, which counts as one row.
    public var matrices: Int { shape.dropLast(2).reduce(1, *) }
    private var rowsPerMatrix: Int { shape.count > 1 ? shape[shape.count - 2] : 1 }
    private var blockRows: Int { (rowsPerMatrix + BlockScale.side - 1) / BlockScale.side }
    private var blockColumns: Int { (columns + BlockScale.side - 1) / BlockScale.side }

    /// The shape of a matrix's (or a stack's) block factors; nil for vectors, which have none.
    var blockScaleShape: [Int]? {
        shape.count > 1 ? shape.dropLast(2) + [blockRows, blockColumns] : nil
    }

    /// The factors of the blocks that `row` (of all rows) runs through.
    func blockFactors(row: Int) -> ArraySlice<Float>? {
        guard let blockScale else { return nil }
        let blockRow = row / rowsPerMatrix * blockRows + row % rowsPerMatrix / BlockScale.side
        return blockScale.values[blockRow * blockScale.columns..<(blockRow + 1) * blockScale.columns]
    }
}

extension Tensor {
    /// Bytes of the file behind this tensor's data.
    public var bytesBehind: Int {
        guard let start = data.baseAddress, let file = file.bytes.baseAddress else { return 0 }
        return self.file.bytes.count - (start - file) - data.count
    }

    /// The part with these indices of the first dimension; rows of a matrix, or some experts of `[E, outputs, inputs]`.
    ///
    /// A matrix with block factors can be cut only between its blocks of 128 rows.
    public func slice(_ range: Range<Int>) throws(CheckpointError) -> Tensor {
        guard let first = shape.first, range.lowerBound >= 0, range.upperBound <= first else {
            throw .shape(tensor: name, problem: "no \(range) in the first of \(shape)")
        }
        let stride = first == 0 ? 0 : count / first
        let (start, length) = (range.lowerBound * stride, range.count * stride)
        guard start % format.blockSize == 0, length % format.blockSize == 0 else {
            throw .shape(tensor: name, problem: "\(range) cuts through blocks of \(format.blockSize)")
        }
        guard let bytes = byteRange(start..<start + length) else {
            throw .shape(tensor: name, problem: "\(range) cuts through panels of \(TensorLayout.panelOutputs) rows")
        }
        return try Tensor(
            name: name, format: format, layout: layout, shape: [range.count] + shape.dropFirst(),
            data: UnsafeRawBufferPointer(rebasing: data[bytes]), file: file, blockScale: scale(of: range))
    }

    /// Where values lie that are whole blocks; nil where they are no whole panels.
    private func byteRange(_ values: Range<Int>) -> Range<Int>? {
        switch layout {
        case .rows:
            return format.byteCount(elements: values.lowerBound)..<format.byteCount(elements: values.upperBound)
        case .panels:
            let panel = TensorLayout.panelOutputs * columns
            guard values.lowerBound % panel == 0, values.upperBound % panel == 0 else { return nil }
            let panelBytes = data.count / (count / panel)
            return values.lowerBound / panel * panelBytes..<values.upperBound / panel * panelBytes
        }
    }

    private func scale(of range: Range<Int>) throws(CheckpointError) -> BlockScale? {
        guard let blockScale else { return nil }
        let side = BlockScale.side
        var rows: Range<Int>
        if shape.count > 2, shape[0] > 0 {
            let perIndex = blockScale.rows / shape[0]
            rows = range.lowerBound * perIndex..<range.upperBound * perIndex
        } else {
            guard range.lowerBound % side == 0,
                range.upperBound % side == 0 || range.upperBound == shape[0]
            else {
                throw .shape(tensor: name, problem: "\(range) cuts through blocks of \(side) rows")
            }
            rows = range.lowerBound / side..<(range.upperBound + side - 1) / side
        }
        if range.isEmpty { rows = rows.lowerBound..<rows.lowerBound }
        let values = blockScale.values[rows.lowerBound * blockScale.columns..<rows.upperBound * blockScale.columns]
        return BlockScale(rows: rows.count, columns: blockScale.columns, values: Array(values))
    }

    /// One index of the first dimension, which the result lacks: expert `index` of `[E, outputs, inputs]`.
    public func slice(_ index: Int) throws(CheckpointError) -> Tensor {
        guard let first = shape.first, index >= 0, index < first else {
            throw .shape(tensor: name, problem: "no index \(index) in the first of \(shape)")
        }
        var part = try slice(index..<index + 1).reshaped(Array(shape.dropFirst()))
        part.index = index
        return part
    }

    /// The same values in another shape. With block factors the matrices must stay what they are, or (between `[E·n,
    /// columns]` and `[E, n, columns]`) have whole blocks of 128 rows.
    public func reshaped(_ newShape: [Int]) throws(CheckpointError) -> Tensor {
        let newRows = newShape.count > 1 ? newShape[newShape.count - 2] : 1
        let side = BlockScale.side
        let fitsScale =
            blockScale == nil
            || columns == newShape.last
                && (newRows == rowsPerMatrix || newRows % side == 0 && rowsPerMatrix % side == 0)
        guard Tensor.byteCount(format: format, shape: newShape, layout: layout) == data.count,
            newShape.reduce(1, *) == count, layout == .rows || newShape.last == columns, fitsScale
        else {
            throw .shape(tensor: name, problem: "\(shape) cannot become \(newShape)")
        }
        return try Tensor(
            name: name, format: format, layout: layout, shape: newShape, data: data, file: file, blockScale: blockScale)
    }
}
